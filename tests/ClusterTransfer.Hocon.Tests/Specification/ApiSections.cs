namespace ClusterTransfer.Hocon.Tests.Specification;

/// <summary>The sections "Conversion of numerically-indexed objects to arrays" to "Config object merging and file merging"; each test is named after its section.</summary>
public sealed class ApiSections
{
    [Theory]
    [InlineData("a{0:x,1:y}", "x,y")]
    [InlineData("a.0=x,a.1=y", "x,y")]
    [InlineData("a{1:y,0:x}", "x,y")]
    [InlineData("a{2:z,0:x}", "x,z")]
    [InlineData("a{10:z,9:y}", "y,z")]
    [InlineData("a{0:x,name:n,-1:m}", "x")]
    public void ConversionOfNumericallyIndexedObjectsToArrays(string text, string items)
    {
        HoconRoot root = HoconParser.Parse(text, "spec");
        Assert.Equal(items.Split(','), root.GetStringList("a"));
        Assert.Equal(items.Split(',').Length, root.GetArray("a").Items.Count);

        // Only when asked for: by itself it stays an object.
        Assert.IsType<HoconObject>(root.Value.GetValue("a"));
    }

    [Theory]
    [InlineData("a{}")]
    [InlineData("a{x:1}")]
    [InlineData("a{-1:x}")]
    [InlineData("a=x")]
    [InlineData("a=null")]
    public void ConversionOfNumericallyIndexedObjectsToArrays_Refused(string text) =>
        Assert.Throws<HoconException>(() => HoconParser.Parse(text, "spec").GetArray("a"));

    [Theory]
    [InlineData("a=[x] {0:y}", "{'a':['x','y']}")]
    [InlineData("a={0:x} [y]", "{'a':['x','y']}")]
    [InlineData("a={0:x} {1:y} [z]", "{'a':['x','y','z']}")]
    [InlineData("a=[w] {0:x} {0:y}", "{'a':['w','x','y']}")]
    [InlineData("b{0:x},a=${b}[y]", "{'b':{'0':'x'},'a':['x','y']}")]
    [InlineData("b=[x],a=${b}${c},c{3:y}", "{'b':['x'],'a':['x','y'],'c':{'3':'y'}}")]
    [InlineData("a={0:x} {1:y}", "{'a':{'0':'x','1':'y'}}")]
    public void ConversionOfNumericallyIndexedObjectsToArrays_InConcatenation(string text, string json) => Spec.Means(text, json);

    [Theory]
    [InlineData("a=[x] {}")]
    [InlineData("a=[x] {k:y}")]
    public void ConversionOfNumericallyIndexedObjectsToArrays_InConcatenation_Refused(string text) => Spec.Refused(text);

    [Fact]
    public void AutomaticTypeConversions_ToString()
    {
        HoconRoot root = HoconParser.Parse("a=1.50,b=true,c=x,d=1e3", "spec");
        Assert.Equal("1.50", root.GetString("a"));
        Assert.Equal("true", root.GetString("b"));
        Assert.Equal("x", root.GetString("c"));
        Assert.Equal("1e3", root.GetString("d"));
    }

    [Theory]
    [InlineData("'5'", 5)]
    [InlineData("5", 5)]
    [InlineData("'-1.5e1'", -15)]
    [InlineData("0.25", 0.25)]
    [InlineData("1e308", 1e308)]
    public void AutomaticTypeConversions_ToNumber(string text, double number) => Assert.Equal(number, Value(text).GetDouble("a"));

    [Theory]
    [InlineData("'x'")]
    [InlineData("'01'")]
    [InlineData("'+1'")]
    [InlineData("'.5'")]
    [InlineData("'0x10'")]
    [InlineData("''")]
    [InlineData("1e999")]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public void AutomaticTypeConversions_ToNumber_Refused(string text)
    {
        Assert.Throws<HoconException>(() => Value(text).GetDouble("a"));
        Assert.Throws<HoconException>(() => Value(text).GetLong("a"));
    }

    [Theory]
    [InlineData("yes", true)]
    [InlineData("'on'", true)]
    [InlineData("true", true)]
    [InlineData("'no'", false)]
    [InlineData("off", false)]
    [InlineData("'false'", false)]
    public void AutomaticTypeConversions_ToBoolean(string text, bool expected) => Assert.Equal(expected, Value(text).GetBoolean("a"));

    [Theory]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[]")]
    public void AutomaticTypeConversions_NotPerformed(string text)
    {
        Assert.Throws<HoconException>(() => Value(text).GetString("a"));
        Assert.Throws<HoconException>(() => Value(text).GetBoolean("a"));
        Assert.Throws<HoconException>(() => Value(text).GetInt("a"));
        Assert.Throws<HoconException>(() => Value(text).GetDuration("a"));
    }

    [Theory]
    [InlineData("10", 10)]
    [InlineData("'10'", 10)]
    [InlineData("10s", 10_000)]
    [InlineData("'  10  s  '", 10_000)]
    [InlineData("10\u00A0s", 10_000)]
    [InlineData("1e3 ms", 1_000)]
    [InlineData("-2s", -2_000)]
    public void UnitsFormat(string text, long milliseconds) => Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), Value(text).GetDuration("a"));

    [Theory]
    [InlineData("'s'")]
    [InlineData("'10 s x'")]
    [InlineData("'10_s'")]
    [InlineData("'1 0 s'")]
    [InlineData("'s 10'")]
    [InlineData("''")]
    public void UnitsFormat_Refused(string text) => Assert.Throws<HoconException>(() => Value(text).GetDuration("a"));

    [Theory]
    [InlineData("ns,nano,nanos,nanosecond,nanoseconds", 0.000001)]
    [InlineData("us,micro,micros,microsecond,microseconds", 0.001)]
    [InlineData("ms,milli,millis,millisecond,milliseconds", 1)]
    [InlineData("s,second,seconds", 1_000)]
    [InlineData("m,minute,minutes", 60_000)]
    [InlineData("h,hour,hours", 3_600_000)]
    [InlineData("d,day,days", 86_400_000)]
    public void DurationFormat(string units, double milliseconds)
    {
        foreach (string unit in units.Split(','))
        {
            Assert.Equal(TimeSpan.FromMicroseconds(3_000 * milliseconds * 1_000), Value($"3000{unit}").GetDuration("a"));
            Assert.Throws<HoconException>(() => Value($"3 {unit.ToUpperInvariant()}").GetDuration("a"));
        }
    }

    [Theory]
    [InlineData("5", 0, 0, 5)]
    [InlineData("5d", 0, 0, 5)]
    [InlineData("1 day", 0, 0, 1)]
    [InlineData("2 days", 0, 0, 2)]
    [InlineData("3w", 0, 0, 21)]
    [InlineData("1 week", 0, 0, 7)]
    [InlineData("2weeks", 0, 0, 14)]
    [InlineData("5m", 0, 5, 0)]
    [InlineData("5mo", 0, 5, 0)]
    [InlineData("1 month", 0, 1, 0)]
    [InlineData("18 months", 0, 18, 0)]
    [InlineData("1y", 1, 0, 0)]
    [InlineData("1 year", 1, 0, 0)]
    [InlineData("-2 years", -2, 0, 0)]
    [InlineData("'7'", 0, 0, 7)]
    public void PeriodFormat(string text, int years, int months, int days) => Assert.Equal(new HoconPeriod(years, months, days), Value(text).GetPeriod("a"));

    [Theory]
    [InlineData("1.5 days")]
    [InlineData("1 Day")]
    [InlineData("1 h")]
    [InlineData("9999999999 days")]
    [InlineData("2147483647 weeks")]
    [InlineData("79228162514264337593543950335 y")]
    [InlineData("null")]
    public void PeriodFormat_Refused(string text) => Assert.Throws<HoconException>(() => Value(text).GetPeriod("a"));

    [Theory]
    [InlineData("B,b,byte,bytes", 1)]
    [InlineData("kB,kilobyte,kilobytes", 1e3)]
    [InlineData("MB,megabyte,megabytes", 1e6)]
    [InlineData("GB,gigabyte,gigabytes", 1e9)]
    [InlineData("TB,terabyte,terabytes", 1e12)]
    [InlineData("PB,petabyte,petabytes", 1e15)]
    [InlineData("EB,exabyte,exabytes", 1e18)]
    [InlineData("K,k,Ki,KiB,kibibyte,kibibytes", 1024)]
    [InlineData("M,m,Mi,MiB,mebibyte,mebibytes", 1048576)]
    [InlineData("G,g,Gi,GiB,gibibyte,gibibytes", 1073741824)]
    [InlineData("T,t,Ti,TiB,tebibyte,tebibytes", 1099511627776)]
    [InlineData("P,p,Pi,PiB,pebibyte,pebibytes", 1125899906842624)]
    [InlineData("E,e,Ei,EiB,exbibyte,exbibytes", 1152921504606846976)]
    public void SizeInBytesFormat(string units, double bytes)
    {
        foreach (string unit in units.Split(','))
        {
            Assert.Equal((long)bytes * 2, Value($"2 {unit}").GetSize("a"));
        }
    }

    [Theory]
    [InlineData("ZB,zettabyte,zettabytes,Z,z,Zi,ZiB,zebibyte,zebibytes")]
    [InlineData("YB,yottabyte,yottabytes,Y,y,Yi,YiB,yobibyte,yobibytes")]
    public void SizeInBytesFormat_UnitsBeyond64Bits_AreKnownButOverflow(string units)
    {
        foreach (string unit in units.Split(','))
        {
            Assert.Equal(0, Value($"0 {unit}").GetSize("a"));
            Assert.Throws<HoconException>(() => Value($"1 {unit}").GetSize("a"));
        }

        Assert.Equal(1_000_000_000_000_000_000, Value("0.001 ZB").GetSize("a"));
    }

    [Theory]
    [InlineData("1 KB")]
    [InlineData("1 mb")]
    [InlineData("1 Byte")]
    [InlineData("1 bit")]
    [InlineData("8 EiB")]
    public void SizeInBytesFormat_Refused(string text) => Assert.Throws<HoconException>(() => Value(text).GetSize("a"));

    [Theory]
    [InlineData("a{x=1}", "a=42", "a{y=2}", "{'a':{'x':1}}")]
    [InlineData("a{x=1}", "a{y=2}", "a=42", "{'a':{'x':1,'y':2}}")]
    [InlineData("a=42", "a{x=1}", "a{y=2}", "{'a':42}")]
    [InlineData("a{x=1}", "a=null", "a{y=2}", "{'a':{'x':1}}")]
    [InlineData("a{b{x=1}}", "a{b=[]}", "a{b{y=2},c=3}", "{'a':{'b':{'x':1},'c':3}}")]
    [InlineData("a{x=1}", "b=1", "a{y=2}", "{'a':{'x':1,'y':2},'b':1}")]
    [InlineData("a=5,a{x=1}", "b=1", "a{y=2}", "{'a':{'x':1},'b':1}")]
    [InlineData("a=${c}{x=1},c{b=5},c.b{z=1}", "a{w=1}", "c{b{q=1}}", "{'a':{'b':{'z':1},'x':1,'w':1},'c':{'b':{'z':1}}}")]
    public void ConfigObjectMergingAndFileMerging(string first, string second, string third, string json)
    {
        HoconObject[] all = [.. new[] { first, second, third }.Select(text => HoconParser.Parse(text, "spec").Value)];
        Assert.Equal(Spec.Quote(json), all[0].WithFallback(all[1]).WithFallback(all[2]).Render(HoconRenderOptions.Concise));
        Assert.Equal(Spec.Quote(json), all[0].WithFallback(all[1].WithFallback(all[2])).Render(HoconRenderOptions.Concise));
    }

    [Theory]
    [InlineData("a.b=1\n! c", null)]
    [InlineData("a=", null)]
    [InlineData("a=x\\ty", null)]
    [InlineData("a=x # comment", "{'a':'x'}")]
    [InlineData("a.b.c=x", "{'a':{'b':{'c':'x'}}}")]
    [InlineData("a=trailing   ", "{'a':'trailing'}")]
    public void NoteOnJavaPropertiesSimilarity(string text, string? json)
    {
        if (json is null)
        {
            Spec.Refused(text);
        }
        else
        {
            Spec.Means(text, json);
        }
    }

    private static HoconRoot Value(string text) => HoconParser.Parse($"a = {Spec.Quote(text)}", "spec");
}

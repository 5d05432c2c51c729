using System.Text.Json;

namespace ClusterTransfer.Cli.Tests;

public sealed class RuntimeSettingsTests
{
    // Set in the project file, so nothing but its output shows when it is lost or misspelt.
    [Fact]
    public void Ct_AsBuilt_LetsIdlePoolThreadsSleepAtOnce()
    {
        using JsonDocument settings = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "ct.runtimeconfig.json")));

        JsonElement properties = settings.RootElement.GetProperty("runtimeOptions").GetProperty("configProperties");

        Assert.Equal(0, properties.GetProperty("System.Threading.ThreadPool.UnfairSemaphoreSpinLimit").GetInt32());
    }
}

namespace ClusterTransfer.Actors.Persistence;

/// <summary>Settings of persistent actors.</summary>
public static class PersistenceSettings
{
    /// <summary>Settings of <see cref="AtLeastOnceDeliverySemantic"/>. Immutable.</summary>
    /// <param name="RedeliverInterval">Time from one sending to the next; it is looked twice in that time. Default 5 s.</param>
    /// <param name="RedeliveryBurstLimit">Messages sent again at one look at most. Default 10,000.</param>
    /// <param name="WarnAfterNumberOfUnconfirmedAttempts">Sendings until an <see cref="UnconfirmedWarning"/>. Default 5.</param>
    /// <param name="MaxUnconfirmedMessages">Deliveries that may be open at once. Default 100,000.</param>
    public sealed record AtLeastOnceDeliverySettings(
        TimeSpan RedeliverInterval, int RedeliveryBurstLimit, int WarnAfterNumberOfUnconfirmedAttempts, int MaxUnconfirmedMessages)
    {
        /// <summary>The defaults.</summary>
        public static AtLeastOnceDeliverySettings Default { get; } = new(TimeSpan.FromSeconds(5), 10_000, 5, 100_000);

        /// <summary>With another interval.</summary>
        public AtLeastOnceDeliverySettings WithRedeliverInterval(TimeSpan redeliverInterval) => this with { RedeliverInterval = redeliverInterval };

        /// <summary>With another limit at one look.</summary>
        public AtLeastOnceDeliverySettings WithRedeliveryBurstLimit(int redeliveryBurstLimit) => this with { RedeliveryBurstLimit = redeliveryBurstLimit };

        /// <summary>With another number of sendings until a warning.</summary>
        public AtLeastOnceDeliverySettings WithUnconfirmedAttemptsToWarn(int unconfirmedAttemptsToWarn) =>
            this with { WarnAfterNumberOfUnconfirmedAttempts = unconfirmedAttemptsToWarn };

        /// <summary>With another limit of open deliveries.</summary>
        public AtLeastOnceDeliverySettings WithMaxUnconfirmedMessages(int maxUnconfirmedMessages) => this with { MaxUnconfirmedMessages = maxUnconfirmedMessages };
    }
}

using System.Data.Common;

namespace PromptPilot.Core.Data;

/// <summary>
/// A write waited for the write gate longer than <see cref="WriteGate.Patience"/>. Nothing was changed. A database error like any other, so
/// that what survives a full disk survives this too.
/// </summary>
/// <param name="operation">The operation that waited.</param>
/// <param name="holder">The operation that held the gate, and for how long.</param>
internal sealed class WriteGateTimeoutException(string operation, string holder, TimeSpan heldFor)
    : DbException(
        $"{operation} waited {WriteGate.Patience.TotalSeconds:0} s to write to the database: "
            + $"{holder} has held the write gate for {heldFor.TotalSeconds:0} s. Nothing was changed."
    )
{
    public override bool IsTransient => true;
}

namespace PromptPilot.Core.Triggers;

/// <summary>Notifies the schedule clock, and pages that show triggers, of changes to triggers.</summary>
public sealed class TriggerChanges
{
    /// <summary>Raised after the commit when a trigger was edited or fired. Handlers return immediately.</summary>
    public event Action? Changed;

    /// <summary>Someone edited a trigger.</summary>
    internal event Action? ByPerson;

    /// <param name="isClock">True when the clock itself made the change.</param>
    internal void Notify(bool isClock = false)
    {
        Changed?.Invoke();
        if (!isClock)
        {
            ByPerson?.Invoke();
        }
    }
}

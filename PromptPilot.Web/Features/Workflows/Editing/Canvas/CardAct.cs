namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>What can be done with a step from its card or the head of its inspector.</summary>
public enum CardAct
{
    Select,

    /// <summary>Selects it and goes into its inspector.</summary>
    Open,
    Up,
    Down,
    Duplicate,
    Delete,

    /// <summary>Runs it alone.</summary>
    Try,
}

using Microsoft.AspNetCore.Components.Web;

namespace PromptPilot.Web.Features.Workflows.Editing.Canvas;

/// <summary>The actions on a step from its card or the head of its inspector.</summary>
public enum CardAct
{
    Select,

    /// <summary>Selects it and goes into its inspector.</summary>
    Open,

    /// <summary>Adds it to the selected ones, or takes it out.</summary>
    Toggle,
    Up,
    Down,
    Duplicate,
    Delete,

    /// <summary>Runs it alone.</summary>
    Try,

    /// <summary>Runs the step and all that depend on it, with the other results of the last run.</summary>
    TryFrom,
}

internal static class CardActs
{
    /// <summary>The effect of a click on a card: with a modifier key it extends the selection, and Enter opens the card.</summary>
    public static CardAct OfClick(MouseEventArgs click) =>
        click.ShiftKey || click.CtrlKey || click.MetaKey ? CardAct.Toggle
        : click.Detail == 0 ? CardAct.Open
        : CardAct.Select;
}

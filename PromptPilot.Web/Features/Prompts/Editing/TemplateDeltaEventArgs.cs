using Microsoft.AspNetCore.Components;

namespace PromptPilot.Web.Features.Prompts.Editing;

/// <summary>A change of the text in a template editor, sent by js/template-editor.js. Positions count UTF-16 code units.</summary>
public sealed class TemplateDeltaEventArgs : EventArgs
{
    public int Start { get; set; }

    /// <summary>The length removed at <see cref="Start"/>; below zero: everything.</summary>
    public int Removed { get; set; }

    public string Inserted { get; set; } = "";

    /// <summary>True for the last part of a long text, which is sent in parts.</summary>
    public bool IsWhole { get; set; } = true;

    /// <summary>Length of the whole text after the change.</summary>
    public int Length { get; set; }

    /// <summary>The change of a whole text for another.</summary>
    public static TemplateDeltaEventArgs Replace(string text) =>
        new()
        {
            Removed = -1,
            Inserted = text,
            Length = text.Length,
        };

    /// <summary>The text after the change; null when the two sides no longer have the same text.</summary>
    public string? Apply(string text)
    {
        if (Removed < 0)
        {
            text = Start == 0 ? "" : text;
        }

        var removed = Math.Max(0, Removed);
        if (Start < 0 || Start + removed > text.Length)
        {
            return null;
        }

        var changed = string.Concat(text.AsSpan(0, Start), Inserted, text.AsSpan(Start + removed));
        return IsWhole && changed.Length != Length ? null : changed;
    }
}

/// <summary>The event of template editors; boot.js registers it.</summary>
[EventHandler("ontemplatedelta", typeof(TemplateDeltaEventArgs), enableStopPropagation: true, enablePreventDefault: true)]
public static class EventHandlers;

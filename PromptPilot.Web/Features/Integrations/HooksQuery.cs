using PromptPilot.Core.Integrations;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Integrations;

/// <summary>The list of hooks as its address filters it, and where it begins.</summary>
public sealed record HooksQuery(string? Text = null, string? Type = null, string? Workflow = null, string? After = null)
{
    internal HookFilter ToFilter() => new(Text, Workflow, QueryWord.Enum<HookType>(Type));
}

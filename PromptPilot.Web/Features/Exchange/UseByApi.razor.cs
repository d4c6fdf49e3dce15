using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Exchange;

namespace PromptPilot.Web.Features.Exchange;

/// <summary>One thing that programs can do here.</summary>
/// <param name="Intro">A sentence that says what the call does.</param>
/// <param name="Snippets">The texts, for the portal's own address as this browser knows it.</param>
public sealed record ApiUse(string Name, string Intro, Func<Uri, IReadOnlyList<CallSnippet>> Snippets);

public sealed partial class UseByApi(NavigationManager navigation)
{
    private bool _open;
    private string _kind = "curl";
    private string? _use;

    /// <summary>The first is shown until another is chosen.</summary>
    [Parameter, EditorRequired]
    public IReadOnlyList<ApiUse> Uses { get; set; } = [];

    private ApiUse Shown => Uses.FirstOrDefault(use => use.Name == _use) ?? Uses[0];
}

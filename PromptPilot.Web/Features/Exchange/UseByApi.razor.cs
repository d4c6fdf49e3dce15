using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Exchange;

namespace PromptPilot.Web.Features.Exchange;

public sealed partial class UseByApi(NavigationManager navigation)
{
    private bool _open;
    private string _kind = "curl";

    /// <summary>A sentence that says what the call does.</summary>
    [Parameter, EditorRequired]
    public string Intro { get; set; } = "";

    /// <summary>The texts, for the portal's own address as this browser knows it.</summary>
    [Parameter, EditorRequired]
    public Func<Uri, IReadOnlyList<CallSnippet>> Snippets { get; set; } = _ => [];
}

using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Tokens;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;

namespace PromptPilot.Web.Features.Prompts.Editing;

public sealed partial class TokenNote
{
    private TokenCount? _count;
    private PromptTexts? _counted;
    private string? _chosen;

    [Parameter, EditorRequired]
    public PromptTexts? Texts { get; set; }

    [Parameter]
    public IReadOnlyList<ModelChoice> Models { get; set; } = [];

    [Parameter]
    public string? Preselected { get; set; }

    /// <summary>The most tokens of the chosen model; null: not known.</summary>
    private int? Context => Models.FirstOrDefault(m => m.Id == _chosen)?.ContextTokens;

    protected override async Task OnParametersSetAsync()
    {
        _chosen ??= Preselected;
        if (Texts != _counted)
        {
            await CountAsync();
        }
    }

    private async Task ChooseAsync(string? id)
    {
        _chosen = id;
        await CountAsync();
    }

    private async Task CountAsync()
    {
        var texts = _counted = Texts;
        if (texts is null)
        {
            _count = null;
            return;
        }

        var model = Models.FirstOrDefault(m => m.Id == _chosen)?.Model;
        var count = await Task.Run(() => TokenCount.Of(string.Join('\n', texts.Messages.Select(message => message.Text)), model));
        if (texts == _counted)
        {
            _count = count;
        }
    }
}

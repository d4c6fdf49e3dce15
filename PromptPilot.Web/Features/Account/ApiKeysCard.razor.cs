using Microsoft.AspNetCore.Components;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.ApiKeys;
using PromptPilot.Web.Components.Controls;
using PromptPilot.Web.Components.Controls.Inputs;
using PromptPilot.Web.Components.Pages;

namespace PromptPilot.Web.Features.Account;

public sealed partial class ApiKeysCard(PageServices services, ApiKeyService apiKeyService, ModelProfileService modelProfiles)
    : PortalComponent(services)
{
    private IReadOnlyList<ApiKeyItem>? _keys;
    private CreatedApiKey? _shown;
    private string _name = "";
    private Permission _scope;
    private int _days = 365;
    private string _model = "";
    private IReadOnlyList<ModelProfileName> _models = [];

    [Parameter, EditorRequired]
    public Actor Actor { get; set; } = default!;

    [Parameter, EditorRequired]
    public Role Role { get; set; }

    private FieldErrors Errors => new(Problem);

    protected override async Task OnInitializedAsync()
    {
        _scope = Access.Allows(Role, Permission.Run) ? Permission.Run : Permission.Read;
        var models = await modelProfiles.ListNamesAsync(Actor, Left);
        _models = models.IsOk ? models.Value : [];
        await LoadAsync();
    }

    private string NameOf(string modelId) => _models.FirstOrDefault(model => model.Id == modelId)?.Name ?? "a deleted model profile";

    private async Task LoadAsync()
    {
        var keys = await apiKeyService.ListAsync(Actor, Left);
        Problem = keys.Problem;
        _keys = keys.IsOk ? keys.Value : [];
    }

    private Task CreateAsync() =>
        OnceAsync(async () =>
        {
            var made = await apiKeyService.CreateAsync(
                Actor,
                new NewApiKey(
                    _name,
                    _scope,
                    _days > 0 ? Time.GetUtcNow().UtcDateTime.AddDays(_days) : null,
                    _scope >= Permission.Run && _model.Length > 0 ? [_model] : []
                ),
                Left
            );
            if (!made.IsOk)
            {
                Problem = made.Problem;
                return;
            }

            _shown = made.Value;
            _name = "";
            await LoadAsync();
        });

    private Task RevokeAsync(ApiKeyItem key) =>
        OnceAsync(async () =>
        {
            if (
                await ConfirmDialog.AskAsync(
                    Dialogs,
                    $"Revoke the key “{key.Name}”?",
                    "Programs that use it lose access immediately. This cannot be undone.",
                    "Revoke"
                )
            )
            {
                var revoked = await apiKeyService.RevokeAsync(Actor, key.Id, Left);
                await LoadAsync();
                Problem ??= revoked.Problem;
                _shown = _shown?.Item.Id == key.Id ? null : _shown;
            }
        });
}

using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Models.Known;
using PromptPilot.Core.Shared;
using PromptPilot.Web.Features.Models.Fields;

namespace PromptPilot.Web.Features.Models;

/// <summary>A model profile in the form.</summary>
public sealed class ModelProfileForm
{
    private string _saved = "";
    private KnownModel? _taken;

    public string Name { get; set; } = "";

    public string Provider { get; private set; } = Providers.OpenAI;

    public string Endpoint { get; set; } = "";

    public string Model { get; set; } = "";

    /// <summary>The entered key; empty keeps the stored one.</summary>
    public string ApiKey { get; set; } = "";

    public bool RemoveKey { get; set; }

    public bool HasStoredKey { get; private set; }

    public DateTime? KeySetAt { get; private set; }

    /// <summary>The stored key can no longer be decrypted.</summary>
    public bool IsKeyLost { get; init; }

    public bool Enabled { get; set; } = true;

    /// <summary>Null: none is sent.</summary>
    public double? Temperature { get; set; }

    public int MaxTokens { get; set; } = 1024;

    public double? TopP { get; set; }

    /// <summary>Texts to stop at, one a line; <c>\n</c> in them is a line break.</summary>
    public string Stop { get; set; } = "";

    /// <summary>Null: not sent.</summary>
    public Effort? Effort { get; set; }

    /// <summary>Null: not sent.</summary>
    public int? Seed { get; set; }

    /// <summary>Null: the known date applies, if there is one.</summary>
    public DateOnly? EndsOn { get; set; }

    /// <summary>The announced end of the model in the form.</summary>
    public ModelEnd? End => ModelEnd.Of(Provider, Model.Trim(), EndsOn);

    /// <summary>Null: as known of the model.</summary>
    public bool? TakesPictures { get; set; }

    /// <summary>Null: as known of the model.</summary>
    public int? ContextTokens { get; set; }

    public bool CachesPrompts { get; set; }

    /// <summary>Null: as other input.</summary>
    public decimal? CacheWritePerMillion { get; set; }

    /// <summary>A JSON object, or empty.</summary>
    public string ExtraBody { get; set; } = "";

    /// <summary>Names and typed values; an empty value keeps the stored one.</summary>
    public List<TypedHeader> ExtraHeaders { get; private set; } = [];

    public decimal InputPerMillion { get; set; }

    public decimal OutputPerMillion { get; set; }

    /// <summary>Null: as other input.</summary>
    public decimal? CachedInputPerMillion { get; set; }

    /// <summary>The roles that may use it, besides admins.</summary>
    public Audience Audience { get; set; } = new();

    public int FirstTokenSeconds { get; set; } = 60;

    public int IdleSeconds { get; set; } = 30;

    public int AttemptSeconds { get; set; } = 900;

    public int? ConcurrentCalls { get; set; }

    public int? RequestsPerMinute { get; set; }

    /// <summary>Amount in USD; null: no limit.</summary>
    public decimal? DayBudget { get; set; }

    /// <summary>Amount in USD; null: no limit.</summary>
    public decimal? MonthBudget { get; set; }

    public bool StructuredOutput { get; set; } = Providers.Of(Providers.OpenAI).HasStructuredOutput;

    public bool HideThinking { get; set; }

    /// <summary>The name of the field, of an openai-compatible server; empty: the usual one.</summary>
    public string MaxTokensField { get; set; } = "";

    public bool SendsStreamOptions { get; set; } = true;

    /// <summary>Ids of the profiles that steps use while this one fails, in order.</summary>
    public List<string> Fallbacks { get; private set; } = [];

    /// <summary>The model whose list price the prices are; null when they are others.</summary>
    public KnownModel? TakenPrice =>
        _taken?.Price is { } price && price.InputPerMillion == InputPerMillion && price.OutputPerMillion == OutputPerMillion
            ? _taken
            : null;

    /// <summary>The list price of the model, as long as no price is entered.</summary>
    public KnownModel? SuggestedPrice => HasNoPrices && Descriptor.SuggestsPrices ? KnownModels.Find(Model) : null;

    /// <summary>Every call would count as free.</summary>
    public bool HasBudgetWithoutPrices => HasNoPrices && (DayBudget is not null || MonthBudget is not null);

    private bool HasNoPrices => InputPerMillion == 0 && OutputPerMillion == 0;

    /// <summary>The models that the provider listed; null if it was not asked, or another one was chosen since.</summary>
    public IReadOnlyList<OfferedModel>? Offered { get; set; }

    public ProviderDescriptor Descriptor => Providers.Of(Provider);

    /// <summary>Something differs from what is stored.</summary>
    public bool IsChanged => Serialize() != _saved;

    /// <summary>An empty form for the first provider a newcomer would try.</summary>
    public static ModelProfileForm New()
    {
        var form = new ModelProfileForm();
        form._saved = form.Serialize();
        return form;
    }

    /// <param name="before">The form that was saved: keeps where its prices come from.</param>
    public static ModelProfileForm From(ModelProfileView view, ModelProfileForm? before = null)
    {
        var form = new ModelProfileForm
        {
            Name = view.Name,
            Provider = view.Provider,
            Endpoint = view.Endpoint ?? "",
            Model = view.Model,
            HasStoredKey = view.HasApiKey,
            KeySetAt = view.ApiKeySetAt,
            IsKeyLost = view.IsKeyLost,
            Enabled = view.Enabled,
            Temperature = view.Parameters.Temperature,
            MaxTokens = view.Parameters.MaxTokens,
            TopP = view.Parameters.TopP,
            Stop = StopWords.ToText(view.Parameters.Stop),
            Effort = view.Parameters.Effort,
            Seed = view.Parameters.Seed,
            EndsOn = view.EndsOn,
            TakesPictures = view.TakesPictures,
            ContextTokens = view.ContextTokens,
            CachesPrompts = view.CachesPrompts,
            CacheWritePerMillion = view.Prices.CacheWritePerMillion,
            ExtraBody = view.ExtraBody ?? "",
            ExtraHeaders = [.. view.ExtraHeaders.Select(name => new TypedHeader { Name = name, IsStored = true })],
            InputPerMillion = view.Prices.InputPerMillion,
            OutputPerMillion = view.Prices.OutputPerMillion,
            CachedInputPerMillion = view.Prices.CachedInputPerMillion,
            Audience = Audience.Of(view.Roles),
            FirstTokenSeconds = view.Limits.FirstTokenSeconds,
            IdleSeconds = view.Limits.IdleSeconds,
            AttemptSeconds = view.Limits.AttemptSeconds,
            ConcurrentCalls = view.Limits.ConcurrentCalls,
            RequestsPerMinute = view.Limits.RequestsPerMinute,
            DayBudget = view.Budgets.Day,
            MonthBudget = view.Budgets.Month,
            StructuredOutput = view.StructuredOutput,
            HideThinking = view.HideThinking,
            Fallbacks = [.. view.Fallbacks],
            MaxTokensField = view.MaxTokensField ?? "",
            SendsStreamOptions = view.SendsStreamOptions,
            _taken = before?._taken,
            Offered = before?.Provider == view.Provider ? before.Offered : null,
        };
        form._saved = form.Serialize();
        return form;
    }

    /// <summary>What <see cref="Merge"/> compares with: the form as it is being saved.</summary>
    public string Snapshot() => Serialize();

    /// <summary>The form after it was saved: what was typed meanwhile stays, unsaved.</summary>
    /// <param name="sent">The <see cref="Snapshot"/> of what was saved.</param>
    public ModelProfileForm Merge(ModelProfileView saved, string sent)
    {
        var stored = From(saved, this);
        if (Serialize() == sent)
        {
            return stored;
        }

        (_saved, HasStoredKey, KeySetAt) = (stored._saved, stored.HasStoredKey, stored.KeySetAt);
        return this;
    }

    /// <summary>Changes the provider; what only fits the old one goes, what the new one suggests comes.</summary>
    public void Choose(string provider)
    {
        if (provider == Provider)
        {
            return;
        }

        var old = Descriptor;
        Provider = provider;
        Offered = null;
        Endpoint = "";
        StructuredOutput = Descriptor.HasStructuredOutput;
        (MaxTokensField, SendsStreamOptions) = ("", true);
        if (Model.Length == 0 || Model == old.ModelHint)
        {
            Model = Descriptor.IsBuiltIn ? Descriptor.ModelHint : "";
        }

        if (Descriptor.KeyHelp is null)
        {
            (ApiKey, RemoveKey) = ("", false);
        }
    }

    /// <summary>Takes one of the models that the provider listed, with what it says about it.</summary>
    public void Take(string id) => (Model, EndsOn) = (id, Offered?.FirstOrDefault(model => model.Id == id)?.EndsOn);

    /// <summary>Swaps a fallback with the one before it.</summary>
    public void MoveUp(string id)
    {
        var place = Fallbacks.IndexOf(id);
        if (place > 0)
        {
            (Fallbacks[place - 1], Fallbacks[place]) = (Fallbacks[place], Fallbacks[place - 1]);
        }
    }

    /// <summary>Fills in the list price of a model, if it has one.</summary>
    public void Take(KnownModel model)
    {
        if (model.Price is { } price)
        {
            (_taken, InputPerMillion, OutputPerMillion) = (model, price.InputPerMillion, price.OutputPerMillion);
        }
    }

    public ModelProfileContent ToContent() =>
        new()
        {
            Name = Name,
            Provider = Provider,
            Endpoint = Endpoint,
            Model = Model,
            ApiKey = (ApiKey, RemoveKey) switch
            {
                ({ Length: > 0 }, _) => ApiKey,
                (_, true) => "",
                _ => null,
            },
            Parameters = new ModelParameters
            {
                Temperature = Temperature,
                MaxTokens = MaxTokens,
                TopP = TopP,
                Effort = Effort,
                Seed = Seed,
                Stop = [.. StopWords.FromText(Stop)],
            },
            Prices = new PricesInUsd(InputPerMillion, OutputPerMillion, CachedInputPerMillion, CacheWritePerMillion),
            Limits = new ModelLimits
            {
                FirstTokenSeconds = FirstTokenSeconds,
                IdleSeconds = IdleSeconds,
                AttemptSeconds = AttemptSeconds,
                ConcurrentCalls = ConcurrentCalls,
                RequestsPerMinute = RequestsPerMinute,
            },
            Budgets = new BudgetsInUsd(DayBudget, MonthBudget),
            StructuredOutput = StructuredOutput,
            HideThinking = HideThinking,
            MaxTokensField = MaxTokensField.Length == 0 ? null : MaxTokensField,
            SendsStreamOptions = SendsStreamOptions,
            Enabled = Enabled,
            Roles = Audience.Roles,
            Fallbacks = [.. Fallbacks],
            EndsOn = EndsOn,
            TakesPictures = TakesPictures,
            ContextTokens = ContextTokens,
            CachesPrompts = CachesPrompts,
            ExtraBody = ExtraBody,
            ExtraHeaders = TypedHeader.ToContent(ExtraHeaders),
        };

    private string Serialize() => JsonSerializer.Serialize(ToContent(), AppJson.Options);
}

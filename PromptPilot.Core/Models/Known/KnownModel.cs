namespace PromptPilot.Core.Models.Known;

/// <summary>What is known about a model, or about all models whose names begin with its name.</summary>
/// <param name="Name">As its maker spells it. Longer names of the same family begin with it, e.g. with a date or a size.</param>
/// <param name="Price">Only of the model itself and its dated versions, not of its family; null: not known.</param>
/// <param name="ContextTokens">The most tokens of input and answer together; null: not known, or as its family.</param>
/// <param name="TakesPictures">False: it reads only texts. Null: as its family.</param>
/// <param name="EndsOn">The day on which its maker shuts it down; null if none is announced.</param>
/// <param name="Replacement">What the maker recommends then.</param>
public sealed record KnownModel(
    string Name,
    KnownPrice? Price = null,
    int? ContextTokens = null,
    bool? TakesPictures = null,
    DateOnly? EndsOn = null,
    string? Replacement = null
)
{
    public KnownMaker Maker { get; internal init; } = KnownMaker.None;
}

/// <summary>A model's list price on a given day. A suggestion to check, never used on its own.</summary>
/// <param name="InputPerMillion">USD per million tokens.</param>
/// <param name="OutputPerMillion">USD per million tokens.</param>
/// <param name="AsOf">The day on which the maker's price page was read.</param>
/// <param name="Note">Costs that the two prices do not include.</param>
public sealed record KnownPrice(decimal InputPerMillion, decimal OutputPerMillion, DateOnly AsOf, string? Note = null);

/// <summary>A page, and the day on which it was read.</summary>
public sealed record KnownSource(string Vendor, string Page, DateOnly AsOf);

/// <summary>A maker of models, with its pages.</summary>
public sealed class KnownMaker
{
    internal static readonly KnownMaker None = new() { Name = "", Models = [] };

    private readonly IReadOnlyList<KnownModel> _models = [];

    public required string Name { get; init; }

    /// <summary>The provider whose models these are. Resellers have their own dates. Null: none of the portal's.</summary>
    public string? Provider { get; init; }

    /// <summary>Each price has its day.</summary>
    public string PricePage { get; init; } = "";

    /// <summary>The page with the announced ends of models.</summary>
    public KnownSource? Ends { get; init; }

    /// <summary>The newest first.</summary>
    public required IReadOnlyList<KnownModel> Models
    {
        get => _models;
        init => _models = [.. value.Select(model => model with { Maker = this })];
    }
}

namespace PromptPilot.Core.Shared;

/// <summary>The key under which a request that is sent again answers as the first time.</summary>
internal static class IdempotencyKey
{
    private const string Header = "Idempotency-Key";

    /// <summary>Why a key cannot be used; null when it can, or there is none.</summary>
    public static Problem? Problem(string? key) =>
        key is not null && (key.Length is 0 or > 255 || key.Any(char.IsControl))
            ? Shared.Problem.AtField(Header, "The Idempotency-Key must have 1 to 255 characters and no control characters.")
            : null;

    /// <summary>It came before, with another request.</summary>
    public static Problem Reused { get; } =
        new(
            ProblemKind.KeyReused,
            "This Idempotency-Key was used with a different request. Use a new key for a new request.",
            [new FieldError(Header, "Used before with a different request.")]
        );
}

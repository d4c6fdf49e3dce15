namespace PromptPilot.Core.Storage.Keys;

/// <summary>Where the keys are that encrypt secrets.</summary>
/// <param name="Folder">Null: in the database.</param>
public sealed record KeyRingPlace(string? Folder)
{
    /// <summary>The name of a key for people.</summary>
    internal string NameOf(Guid key) =>
        Folder is null ? $"The key {key} in the database" : $"The key {Path.Combine(Folder, $"key-{key}.xml")}";

    public override string ToString() => Folder ?? "in the database";
}

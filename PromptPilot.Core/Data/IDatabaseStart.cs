namespace PromptPilot.Core.Data;

/// <summary>Makes the database ready for this build, before anything else uses it.</summary>
public interface IDatabaseStart
{
    /// <summary>Checks, creates or upgrades the database.</summary>
    /// <param name="version">The version of this build.</param>
    /// <returns>Null, or why the database cannot be used and what to do about it.</returns>
    Task<string?> PrepareAsync(Version version, CancellationToken cancellationToken);
}

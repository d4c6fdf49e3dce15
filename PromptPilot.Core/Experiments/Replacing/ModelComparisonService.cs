using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Data;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Texts;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.Users;

namespace PromptPilot.Core.Experiments.Replacing;

/// <summary>The comparison of one prompt on two model profiles.</summary>
/// <param name="Inputs">The number of inputs that both are called with.</param>
/// <param name="ExperimentId">Null: it could not be started, see <paramref name="Problem"/>.</param>
public sealed record ModelComparison(string PromptId, string Prompt, int Inputs, string? ExperimentId, string? Problem);

/// <summary>Compares a model profile with the one that shall replace it, by what its prompts were last given.</summary>
public sealed class ModelComparisonService(
    Operations operations,
    TestSetService sets,
    TestCaseService cases,
    ExperimentService experiments,
    TimeProvider time
)
{
    /// <summary>The most inputs for each prompt.</summary>
    public const int MostInputs = 50;

    /// <summary>Prompts that are compared at once.</summary>
    private const int MostPrompts = 20;

    /// <summary>Newest calls that are looked at.</summary>
    private const int MostCalls = 2_000;

    /// <summary>Characters of a profile's name: two of them fit into the name of a test set.</summary>
    private const int LongestName = 60;

    private sealed record UsedPrompt(string Id, string Name, string Version, IReadOnlyList<string> LogIds);

    /// <summary>
    /// Starts an experiment for each prompt that runs have recently sent to a profile: the same version on both profiles, with the last
    /// different inputs. The inputs become a test set of the prompt.
    /// </summary>
    /// <param name="inputs">For each prompt, 1 to <see cref="MostInputs"/>.</param>
    /// <returns>By prompt; none if no run has used the profile.</returns>
    public async Task<Result<IReadOnlyList<ModelComparison>>> StartAsync(
        Actor actor,
        string profileId,
        string newProfileId,
        int inputs,
        CancellationToken cancellationToken
    )
    {
        var found = await operations.ReadAsync<(string Names, IReadOnlyList<UsedPrompt> Prompts)>(
            actor,
            Permission.Admin,
            async (db, _) =>
            {
                if (inputs is < 1 or > MostInputs)
                {
                    return Problem.AtField("inputs", $"Choose 1 to {MostInputs} inputs.");
                }

                var names = await db
                    .ModelProfiles.Where(p => p.Id == profileId || p.Id == newProfileId)
                    .ToDictionaryAsync(p => p.Id, p => p.Name, cancellationToken);
                return
                    names.TryGetValue(profileId, out var from) && names.TryGetValue(newProfileId, out var to) && profileId != newProfileId
                    ? (
                        $"{Shorten.Text(from, LongestName)} and {Shorten.Text(to, LongestName)}",
                        await FindPromptsAsync(db, profileId, inputs, cancellationToken)
                    )
                    : Problem.NotFound("model profile");
            },
            cancellationToken
        );
        if (!found.IsOk)
        {
            return found.Problem;
        }

        var at = time.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);
        var made = new List<ModelComparison>();
        foreach (var prompt in found.Value.Prompts)
        {
            var started = await StartAsync(actor, prompt, $"{found.Value.Names}, {at}", profileId, newProfileId, cancellationToken);
            made.Add(
                new ModelComparison(
                    prompt.Id,
                    prompt.Name,
                    prompt.LogIds.Count,
                    started.IsOk ? started.Value : null,
                    started.Problem?.Message
                )
            );
        }

        return made;
    }

    private async Task<Result<string>> StartAsync(
        Actor actor,
        UsedPrompt prompt,
        string name,
        string profileId,
        string newProfileId,
        CancellationToken cancellationToken
    )
    {
        var set = await sets.CreateAsync(actor, prompt.Id, new TestSetContent(name, []), cancellationToken);
        if (!set.IsOk)
        {
            return set.Problem;
        }

        foreach (var log in prompt.LogIds)
        {
            var added = await cases.AddFromOutputAsync(actor, set.Value.Id, log, cancellationToken);
            if (!added.IsOk)
            {
                return added.Problem;
            }
        }

        return await experiments.StartAsync(
            actor,
            new ExperimentRequest(
                set.Value.Id,
                "",
                [new VariantRequest(prompt.Version, profileId), new VariantRequest(prompt.Version, newProfileId)]
            ),
            cancellationToken
        );
    }

    private static async Task<IReadOnlyList<UsedPrompt>> FindPromptsAsync(
        PromptPilotDbContext db,
        string profileId,
        int inputs,
        CancellationToken cancellationToken
    )
    {
        var calls = await db
            .ExecutionLogs.AsNoTracking()
            .Where(log => log.ModelProfileId == profileId && log.RunId != null && log.Status == ExecutionStatus.Success)
            .OrderByDescending(log => log.Timestamp)
            .ThenByDescending(log => log.Id)
            .Take(MostCalls)
            .Select(log => new
            {
                log.Id,
                log.PromptId,
                log.PromptVersionId,
                log.Input,
            })
            .ToListAsync(cancellationToken);
        var used = new List<UsedPrompt>();
        foreach (var prompt in calls.GroupBy(call => call.PromptId).Take(MostPrompts))
        {
            var versionId = prompt.First().PromptVersionId;
            if (
                await db
                    .PromptVersions.Where(version => version.Id == versionId)
                    .Join(db.Prompts, version => version.PromptId, one => one.Id, (version, one) => new { one.Name, version.Version })
                    .FirstOrDefaultAsync(cancellationToken) is
                { } version
            )
            {
                var logs = prompt.DistinctBy(call => JsonSerializer.Serialize(call.Input, AppJson.Options)).Take(inputs);
                used.Add(new UsedPrompt(prompt.Key, version.Name, version.Version, [.. logs.Select(call => call.Id)]));
            }
        }

        return [.. used.OrderBy(prompt => prompt.Name, StringComparer.OrdinalIgnoreCase)];
    }
}

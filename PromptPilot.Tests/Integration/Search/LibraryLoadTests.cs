using System.Diagnostics;
using PromptPilot.Core.Feedback;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Search;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;
using PromptPilot.Web.Components.Controls.Display;

namespace PromptPilot.Tests.Integration.Search;

/// <summary>How fast a large library answers: the service, and the list over HTTP.</summary>
public sealed class LibraryLoadTests : IAsyncLifetime
{
    private static readonly string[] Subjects =
    [
        "meeting",
        "contract",
        "invoice",
        "résumé",
        "release",
        "ticket",
        "budget",
        "survey",
        "speech",
        "рецепт",
        "会议记录",
        "lesson",
    ];
    private static readonly string[] Verbs = ["Summarize", "Translate", "Rewrite", "Classify", "Review", "Extract", "Compare", "Draft"];
    private static readonly PromptFilter[] Questions =
    [
        new(),
        new("s"),
        new("su"),
        new("sum"),
        new("summ"),
        new("summarize meeting", Sort: PromptSort.Match),
        new("会议"),
        new("рец"),
        new("\"c# 42\""),
        new("number 4711"),
        new("nothing like this"),
        new(Category: "category 3"),
        new(Tag: "tag 7"),
        new("contract", Tag: "tag 7"),
        new(Sort: PromptSort.Updated),
        new(Sort: PromptSort.Use),
        new(Sort: PromptSort.Rating),
        new("e", Sort: PromptSort.Use),
        new("the", Sort: PromptSort.Rating),
        new(Archived: true),
    ];

    private PortalHost _portal = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _portal = await PortalHost.StartAsync();

    public ValueTask DisposeAsync() => _portal.DisposeAsync();

    [Fact]
    [Trait("Database", "SQLite")]
    public Task Library_Small_AnswersFast() => MeasureAsync(500, rounds: 2, limit: 250);

    [Fact]
    [Trait("Category", "Soak")]
    public Task Library_OfTenThousand_AnswersWithinATenthOfASecond() =>
        MeasureAsync(Figures.FromEnvironment("SOAK_PROMPTS", 10_000), rounds: 10, limit: 100);

    private async Task MeasureAsync(int count, int rounds, double limit)
    {
        await FillAsync(count);
        var actor = (await _portal.GetAdminAsync()).Actor;
        var prompts = _portal.Get<PromptService>();
        var search = _portal.Get<SearchService>();
        using var client = _portal.CreateAdminClient();
        var (service, http, palette) = (new List<double>(), new List<double>(), new List<double>());
        for (var round = 0; round <= rounds; round++)
        {
            foreach (var question in Questions)
            {
                var times = new[]
                {
                    await TimeAsync(async () =>
                        (await prompts.ListAsync(actor, question, new PageRequest(), Token)).Problem.Should().BeNull()
                    ),
                    await TimeAsync(async () => (await client.GetStringAsync(Address(question), Token)).Should().NotBeEmpty()),
                    await TimeAsync(async () => (await search.FindAsync(actor, question.Text ?? "", Token)).Problem.Should().BeNull()),
                };

                // The first round compiles queries.
                if (round > 0)
                {
                    service.Add(times[0]);
                    http.Add(times[1]);
                    palette.Add(times[2]);
                }

                if (round == rounds)
                {
                    Figures.Tell(
                        $"  {question.Text, -20} {question.Category}{question.Tag} {question.Sort}: service {times[0]:0.0} ms, ",
                        $"HTTP {times[1]:0.0} ms, Ctrl+K {times[2]:0.0} ms"
                    );
                }
            }
        }

        Figures.Tell(
            $"{count} prompts, {Questions.Length} questions, p95: service {Figures.P95(service):0.0} ms, HTTP ",
            $"{Figures.P95(http):0.0} ms, Ctrl+K {Figures.P95(palette):0.0} ms; median: service {Figures.Median(service):0.0} ",
            $"ms"
        );
        Figures.P95(service).Should().BeLessThan(limit);
        Figures.P95(http).Should().BeLessThan(limit);
        Figures.P95(palette).Should().BeLessThan(limit);
    }

    /// <summary>Prompts of about 1.5 KB each, a tenth of them archived.</summary>
    private async Task FillAsync(int count)
    {
        var author = (await _portal.GetAdminAsync()).Id;
        var start = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc);
        for (var from = 0; from < count; from += 1000)
        {
            await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
            for (var i = from; i < Math.Min(count, from + 1000); i++)
            {
                var (verb, subject) = (Verbs[i % Verbs.Length], Subjects[i / Verbs.Length % Subjects.Length]);
                var name = $"{verb} {subject} number {i}";
                var content = string.Join(
                    '\n',
                    Enumerable
                        .Range(0, 16)
                        .Select(line =>
                            $"{verb} the {subject} of line {line + (i % 97)} for team {i % 53}, and keep names, numbers and "
                            + $"dates as they are in {{{{ text }}}}."
                        )
                );
                var version = new PromptVersion
                {
                    PromptId = "",
                    Number = 1,
                    Version = "1.0.0",
                    Name = name,
                    Content = content,
                    CreatedAt = start,
                };
                var prompt = new Prompt
                {
                    Name = name,
                    NormalizedName = name.ToUpperInvariant(),
                    Content = content,
                    Variables = ["text"],
                    Metadata = new PromptMetadata { Category = $"category {i % 12}", Tags = [$"tag {i % 40}", $"tag {(i % 7) + 40}"] },
                    LatestVersionId = version.Id,
                    CreatedBy = author,
                    CreatedAt = start.AddMinutes(i),
                    UpdatedAt = start.AddMinutes(i * 7919L % count),
                    Archived = i % 10 == 9,
                };
                version.PromptId = prompt.Id;
                db.AddRange(prompt, version);
            }

            await db.SaveChangesAsync(Token);
        }
    }

    private static string Address(PromptFilter filter) =>
        $"/api/v1/prompts?sort={filter.Sort}&archived={filter.Archived}&text={Uri.EscapeDataString(filter.Text ?? "")}"
        + $"&category={Uri.EscapeDataString(filter.Category ?? "")}&tag={Uri.EscapeDataString(filter.Tag ?? "")}";

    private static async Task<double> TimeAsync(Func<Task> act)
    {
        var started = Stopwatch.GetTimestamp();
        await act();
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}

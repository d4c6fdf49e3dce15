using System.Reflection;
using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Data.Postgres;
using PromptPilot.Core.Runs.Live;
using PromptPilot.Core.Settings;
using PromptPilot.Core.Storage.Keys;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;
using PromptPilot.Web.Hosting.Start;

namespace PromptPilot.Tests.Unit.Docs;

/// <summary>docs/configuration.md lists every setting once, with the default that the code has.</summary>
public partial class ConfigurationDocTests
{
    private const string Document = "docs/configuration.md";

    /// <summary>What the document writes where a setting has no value by default; words of its own may follow or stand instead.</summary>
    private const string None = "none";

    /// <summary>Ends of the names of numbers that are durations or the size of one item.</summary>
    private static readonly string[] PerItem =
    [
        "Days",
        "Seconds",
        "Minutes",
        "Hours",
        "Smtp:Port",
        "MaxInputLength",
        "MaxFileMegabytes",
        "MaxFilesPerRun",
        "MaxBatchRows",
        "MaxBatchKilobytes",
    ];

    [Fact]
    public void Document_ListsEverySetting_WithItsDefault()
    {
        var rows = Rows();
        var missing =
            from setting in Settings()
            let row = rows.Where(row => row.Key == setting.Key).ToList()
            where row.Count != 1 || !IsSame(setting, row[0])
            select $"{setting.Key}: {Say(row)} Write: | `{setting.Key}` | {Cell(setting)} | {(setting.OnPage ? "yes" : "no")} | what "
                + "it does |";

        missing.Should().BeEmpty($"{Document} has one row for each setting, with its default and whether the settings page has it");
    }

    [Theory]
    [InlineData(SettingReach.PerHost, "Each host counts separately")]
    [InlineData(SettingReach.AllHosts, "Applies to all hosts together")]
    public void Document_SaysWhetherALimitIsPerHost_AsThePageDoes(SettingReach reach, string words)
    {
        var lines = Documents.Read(Document).Split('\n');
        var onPage = OnPage().Where(setting => setting.Reach == reach).Select(setting => setting.Key).ToList();

        onPage.Should().NotBeEmpty();
        onPage
            .Where(key =>
                !lines.Single(line => line.StartsWith($"| `{key}` |", StringComparison.Ordinal)).Contains(words, StringComparison.Ordinal)
            )
            .Should()
            .BeEmpty($"their rows in {Document} say “{words}”");
    }

    [Fact]
    public void Limits_OfRequestsAndRuns_SayWhetherTheyArePerHost() =>
        OnPage()
            .Where(setting => setting.Kind == SettingKind.Number && setting.Reach == SettingReach.Each)
            .Select(setting => setting.Key[(setting.Key.IndexOf(':') + 1)..])
            .Where(key => !PerItem.Any(end => key.EndsWith(end, StringComparison.Ordinal)))
            .Should()
            .BeEmpty("a number that counts something has a SettingReach in the catalog");

    [Fact]
    public void Document_ListsNothingElse() =>
        Rows()
            .Select(row => row.Key)
            .Where(key => key.StartsWith("PromptPilot:", StringComparison.Ordinal))
            .Except(Settings().Select(setting => setting.Key))
            .Should()
            .BeEmpty($"no code reads these keys; remove their rows from {Document}");

    [Fact]
    public void ExitCodes_AreExplained() =>
        Enum.GetValues<ExitCode>()
            .Select(code => $"| {(int)code} | ")
            .Should()
            .OnlyContain(row => Documents.Read("docs/operate.md").Contains(row, StringComparison.Ordinal));

    private static IEnumerable<Setting> OnPage() =>
        SettingCatalog.All.Concat(new ServiceCollection().AddNetwork().Select(service => service.ImplementationInstance).OfType<Setting>());

    private sealed record Documented(string Key, string Default, string OnPage);

    private sealed record Known(string Key, string Default, bool OnPage);

    /// <summary>The public properties of every class with a <c>Section</c>, and what the settings page has beside them.</summary>
    private static List<Known> Settings()
    {
        var onPage = OnPage().ToDictionary(setting => setting.Key);
        var bound =
            from type in new[] { typeof(Setting).Assembly, typeof(HttpOptions).Assembly }.SelectMany(assembly => assembly.GetTypes())
            let section = type.GetField("Section", BindingFlags.Public | BindingFlags.Static)?.GetRawConstantValue() as string
            where section?.StartsWith("PromptPilot:", StringComparison.Ordinal) == true
            let defaults = Activator.CreateInstance(type)
            from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            where property.CanWrite
            let key = $"{section}:{property.Name}"
            let shown = onPage.GetValueOrDefault(key)
            select new Known(key, shown?.Default ?? Setting.TextOf(property.GetValue(defaults)), shown is not null);
        var known = bound.ToList();
        known.AddRange(
            onPage
                .Values.Where(setting => known.TrueForAll(other => other.Key != setting.Key))
                .Select(setting => new Known(setting.Key, setting.Default, true))
        );
        known.Add(new Known(DataDirectory.Key, "", false));
        known.Add(new Known(PostgresConnection.Key, "", false));
        known.Add(new Known(PostgresConnection.SeveralHostsKey, "true", false));
        known.Add(new Known(RedisConnection.Key, "", false));
        known.Add(new Known(KeyProtection.CertificateKey, "", false));
        known.Add(new Known(KeyProtection.PasswordKey, "", false));
        return known;
    }

    private static List<Documented> Rows() =>
        [
            .. Documents
                .Read(Document)
                .Split('\n')
                .Select(line => Row().Match(line))
                .Where(match => match.Success)
                .Select(match => new Documented(
                    match.Groups["key"].Value,
                    match.Groups["default"].Value.Trim(),
                    match.Groups["page"].Value.Trim()
                )),
        ];

    private static bool IsSame(Known setting, Documented row) =>
        row.OnPage == (setting.OnPage ? "yes" : "no")
        && (setting.Default.Length > 0 ? row.Default == Cell(setting) : row.Default.Length > 0 && !row.Default.StartsWith('`'));

    private static string Cell(Known setting) =>
        setting.Default.Length == 0 ? None : string.Join(", ", setting.Default.Split('\n').Select(value => $"`{value}`"));

    private static string Say(List<Documented> rows) =>
        rows.Count == 0 ? "is missing." : $"is there as {string.Join(" and ", rows.Select(row => $"{row.Default} | {row.OnPage}"))}.";

    [GeneratedRegex(@"^\| `(?<key>[^`]+)` \| (?<default>[^|]+)\| (?<page>[^|]+)\|")]
    private static partial Regex Row();
}

using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;
using PromptPilot.Tests.Unit.Docs;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>What differs between providers is in one table, and the docs agree with it.</summary>
public class ProviderTableTests
{
    /// <summary>Where a provider is named outside the table, and why.</summary>
    private static readonly Dictionary<string, string> Named = new()
    {
        ["Providers.cs"] = "the table",
        ["ModelProfileForm.cs"] = "the first choice in an empty form",
        ["SampleWorkspace.cs"] = "the sample runs without a key",
        ["KnownModels.cs"] = "whose models the announced ends are about",
        ["N8nFlow.cs"] = "the kinds of nodes in a file of n8n",
    };

    public static TheoryData<string> Keys => [.. Providers.All.Select(provider => provider.Key)];

    [Fact]
    public void Providers_AreNamedInTheTableOnly()
    {
        var constants = typeof(Providers).GetFields().Where(field => field.IsLiteral).Select(field => $"Providers.{field.Name}").ToList();
        constants.Should().HaveCount(Providers.All.Count);

        var files =
            from project in new[] { "PromptPilot.Core", "PromptPilot.Web" }
            from path in Directory.EnumerateFiles(RepositoryRoot.File(project), "*", SearchOption.AllDirectories)
            where Path.GetExtension(path) is ".cs" or ".razor"
            where !path.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)
            let text = File.ReadAllText(path)
            where
                constants.Any(constant => text.Contains(constant, StringComparison.Ordinal))
                || Providers.All.Any(provider => text.Contains($"\"{provider.Key}\"", StringComparison.Ordinal))
            select Path.GetFileName(path);

        files.Should().BeEquivalentTo(Named.Keys, "what a provider does is a property of its descriptor; others need a reason here");
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Provider_IsCalledOrBuiltIn_AndSaysWhatItsFieldsAre(string key)
    {
        var provider = Providers.Of(key);

        Providers.Find($" {key.ToUpperInvariant()} ").Should().BeSameAs(provider);
        (provider.EndpointHelp is null).Should().Be(provider.IsBuiltIn);
        (provider.KeyHelp is null).Should().Be(provider.IsBuiltIn);
        (provider.Endpoint.Default is null && provider.Endpoint.Missing is null)
            .Should()
            .Be(provider.IsBuiltIn, "without a default the profile is told to name an endpoint");
        (provider.NeedsKey && provider.KeyHelp is null).Should().BeFalse();
    }

    [Theory]
    [MemberData(nameof(Keys))]
    public void Provider_HasItsRowInTheDocs(string key)
    {
        var provider = Providers.Of(key);

        Documents.Read("docs/models.md").Should().Contain($"| `{key}` | {provider.StructuredOutputText} |");
        Documents.Read("README.md").Should().MatchRegex($@"(?m)^\|[^|]*\b{provider.Title}\b");
    }
}

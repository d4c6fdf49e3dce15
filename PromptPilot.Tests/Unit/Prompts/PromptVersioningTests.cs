using PromptPilot.Core.Prompts;
using PromptPilot.Core.Prompts.Saving;
using PromptPilot.Core.Shared;

namespace PromptPilot.Tests.Unit.Prompts;

public class PromptVersioningTests
{
    private static readonly VariableDefinition Tone = new() { Name = "tone", Default = AppJson.Text("friendly") };

    private static Prompt Saved(params VariableDefinition[] definitions) =>
        new()
        {
            Name = "Digest",
            NormalizedName = "DIGEST",
            Content = "Write {{ notes }}",
            Variables = ["notes"],
            VariableDefinitions = [.. definitions],
            Metadata = new PromptMetadata { Category = "writing", Tags = ["weekly"] },
            Version = "2.3.4",
        };

    private static VersionStep Decide(Func<PromptDraft, PromptDraft> change, params VariableDefinition[] definitions) =>
        PromptVersioning.Decide(Saved(definitions), change(PromptDraft.Of(Saved(definitions))));

    [Fact]
    public void Decide_Nothing_MakesNone() =>
        Decide(d => d with { Name = " Digest ", Message = "hello", Raise = VersionChange.Major }).Change.Should().Be(VersionChange.None);

    [Fact]
    public void Decide_VariableRemoved_IsMajor() =>
        Decide(d => d with { Content = "Write" })
            .Should()
            .Be(new VersionStep(VersionChange.Major, "3.0.0", "variable “notes” removed → major"));

    [Fact]
    public void Decide_VariableRenamed_IsMajor() =>
        Decide(d => d with { Content = "Write {{ text }}" }).Change.Should().Be(VersionChange.Major);

    [Fact]
    public void Decide_VariableAddedWithoutDefault_IsMajor() =>
        Decide(d => d with { SystemMessage = "{{ tone }}" })
            .Should()
            .Be(new VersionStep(VersionChange.Major, "3.0.0", "variable “tone” added without a default → major"));

    [Fact]
    public void Decide_VariableAddedWithDefault_IsMinor() =>
        Decide(d => d with { Content = "Write {{ notes }} {{ tone }}", VariableDefinitions = [Tone] })
            .Should()
            .Be(new VersionStep(VersionChange.Minor, "2.4.0", "new optional variable “tone” → minor"));

    [Fact]
    public void Decide_OptionalBecomesRequired_IsMajor() =>
        Decide(
            d => d with { VariableDefinitions = [new() { Name = "notes" }] },
            new VariableDefinition { Name = "notes", Required = false }
        )
            .Change.Should()
            .Be(VersionChange.Major);

    [Fact]
    public void Decide_Text_IsMinor() =>
        Decide(d => d with { Content = "Please write {{ notes }}" })
            .Should()
            .Be(new VersionStep(VersionChange.Minor, "2.4.0", "text changed → minor"));

    [Fact]
    public void Decide_Metadata_IsPatch()
    {
        var patch = new VersionStep(VersionChange.Patch, "2.3.5", "only descriptions changed → patch");
        Decide(d => d with { Tags = ["weekly", "new"] }).Should().Be(patch);
        Decide(d => d with { Category = "support" }).Should().Be(patch);
        Decide(d => d with { Name = "Digest 2" }).Should().Be(patch);
        Decide(
                d => d with { VariableDefinitions = [new() { Name = "notes", Description = "What was said" }] },
                new VariableDefinition { Name = "notes" }
            )
            .Should()
            .Be(patch);
    }

    [Fact]
    public void Decide_AuthorRaises_Wins()
    {
        Decide(d => d with { Category = "x", Raise = VersionChange.Major })
            .Should()
            .Be(new VersionStep(VersionChange.Major, "3.0.0", "raised to major by the author"));
        Decide(d => d with { Content = "Write", Raise = VersionChange.Minor })
            .Version.Should()
            .Be("3.0.0", "raising never makes it smaller");
    }
}

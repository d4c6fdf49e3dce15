using System.Reflection;
using System.Text.RegularExpressions;
using PromptPilot.Core.Approvals.Gates;
using PromptPilot.Core.Prompts;
using PromptPilot.Core.Workflows;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Approvals;

/// <summary>That nothing moves a label or publishes a workflow without asking the gate.</summary>
public partial class GateArchitectureTests
{
    private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

    private static readonly Dictionary<string, string> Askers = new()
    {
        ["PromptPilot.Core/Prompts/Saving/LabelWriter.cs"] = "moves labels",
        ["PromptPilot.Core/Workflows/Versions/WorkflowPublishing.cs"] = "publishes workflows",
    };

    [Fact]
    public void Pass_IsMadeByTheGateAlone()
    {
        typeof(GatePass).GetConstructors(Any).Should().OnlyContain(constructor => constructor.IsPrivate);
        typeof(GatePass).GetProperties(Any).Should().OnlyContain(property => property.SetMethod == null);
        FilesWith(Made()).Should().Equal("PromptPilot.Core/Approvals/Gates/GatePass.cs");
    }

    [Theory]
    [InlineData(typeof(PromptLabel), nameof(PromptLabel.PromptId))]
    [InlineData(typeof(PromptLabel), nameof(PromptLabel.Name))]
    [InlineData(typeof(PromptLabel), nameof(PromptLabel.PromptVersionId))]
    [InlineData(typeof(Workflow), nameof(Workflow.PublishedVersion))]
    [InlineData(typeof(Workflow), nameof(Workflow.PublishedVersionId))]
    public void WhatIsProtected_IsSetByItsOwnTypeOnly(Type type, string property) =>
        type.GetProperty(property)!.SetMethod!.IsPrivate.Should().BeTrue();

    [Fact]
    public void EachMethodThatSetsIt_TakesAPass()
    {
        typeof(PromptLabel)
            .GetConstructors(Any)
            .Where(constructor => !constructor.IsPrivate)
            .Should()
            .OnlyContain(constructor => constructor.GetParameters()[0].ParameterType == typeof(GatePass));
        new[] { typeof(PromptLabel), typeof(Workflow) }
            .SelectMany(type => type.GetMethods(Any | BindingFlags.DeclaredOnly))
            .Where(method => !method.IsSpecialName)
            .Should()
            .OnlyContain(method => method.GetParameters()[0].ParameterType == typeof(GatePass));
    }

    [Fact]
    public void Gate_IsAskedWhereTheChangeIsMade_AndNowhereElse() => FilesWith(Asked()).Should().BeEquivalentTo(Askers.Keys);

    /// <summary>Rows can also be written past their properties: by bulk changes, by name, and by SQL.</summary>
    [Fact]
    public void Rows_AreWrittenPastTheirProperties_Nowhere()
    {
        FilesWith(LabelWrite()).Should().Equal("PromptPilot.Core/Prompts/Saving/LabelWriter.cs");
        FilesWith(PropertyWrite()).Should().BeEmpty();
        FilesWith(SqlWrite()).Should().BeEmpty();
    }

    /// <summary>The patterns find what they are for.</summary>
    [Fact]
    public void Patterns_FindEachWay()
    {
        LabelWrite().IsMatch("db.PromptLabels.Add(label)").Should().BeTrue();
        LabelWrite().IsMatch("db\n  .PromptLabels.Where(l => l.Name == x)\n  .ExecuteUpdateAsync(").Should().BeTrue();
        LabelWrite().IsMatch("db.PromptLabels.Where(x => true).ToListAsync(); db.Prompts.Remove(prompt);").Should().BeFalse();
        PropertyWrite().IsMatch("SetProperty(w => w.PublishedVersionId, x)").Should().BeTrue();
        PropertyWrite().IsMatch("entry.Property(\"PromptVersionId\").CurrentValue = x").Should().BeTrue();
        SqlWrite().IsMatch("UPDATE \"PromptLabels\" SET").Should().BeTrue();
    }

    private static IEnumerable<string> FilesWith(Regex pattern) =>
        new[] { "PromptPilot.Core", "PromptPilot.Web" }
            .SelectMany(project => Directory.EnumerateFiles(RepositoryRoot.File(project), "*.cs", SearchOption.AllDirectories))
            .Select(path => (Path: Path.GetRelativePath(RepositoryRoot.File(""), path).Replace('\\', '/'), Text: File.ReadAllText(path)))
            .Where(file =>
                !file.Path.Contains("/obj/", StringComparison.Ordinal)
                && !file.Path.Contains("/Migrations/", StringComparison.Ordinal)
                && pattern.IsMatch(file.Text)
            )
            .Select(file => file.Path);

    [GeneratedRegex(@"new GatePass\(")]
    private static partial Regex Made();

    [GeneratedRegex(@"GatePass\.AskAsync\(")]
    private static partial Regex Asked();

    [GeneratedRegex(@"PromptLabels\b[^;]*?\.\s*(Add|AddRange|Attach|Update|Remove|RemoveRange|Execute(Update|Delete)Async)\(")]
    private static partial Regex LabelWrite();

    [GeneratedRegex(
        @"SetProperty\([^,;]*\.(PublishedVersion|PublishedVersionId|PromptVersionId)\b|Property\((""|[^)]*\.)(PublishedVersion|PublishedVersionId|PromptVersionId)\b[^;]*CurrentValue\s*="
    )]
    private static partial Regex PropertyWrite();

    [GeneratedRegex(@"(?i)(UPDATE|INSERT\s+(OR\s+\w+\s+)?INTO|DELETE\s+FROM)\s+\\?""?PromptLabels|UPDATE\s+\\?""?Workflows\\?""?\s")]
    private static partial Regex SqlWrite();
}

using System.Text.Json;
using CsCheck;
using PromptPilot.Core.Exchange;
using PromptPilot.Core.Exchange.Yaml;
using PromptPilot.Core.Shared;
using PromptPilot.Core.TestSets;
using PromptPilot.Core.TestSets.Checks;
using PromptPilot.Tests.Support;
using Check = PromptPilot.Core.TestSets.Checks.Check;

namespace PromptPilot.Tests.Unit.Exchange;

/// <summary>A test set goes into its file and comes out of it as it was, whatever is in it.</summary>
public class TestSetFileTests
{
    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(i => texts[i]);

    private static readonly Gen<string> Texts = OneOf([.. PromptFileTests.Awkward.Select(row => row.Data)]);

    private static readonly Gen<JsonElement> Values = Gen.OneOf(
        Texts.Select(AppJson.Text),
        Gen.Int.Select(number => JsonSerializer.SerializeToElement(number)),
        Gen.Bool.Select(truth => JsonSerializer.SerializeToElement(truth)),
        Texts.Select(text => JsonSerializer.SerializeToElement(new { deep = new object?[] { text, null, 1.5 } }, AppJson.Options))
    );

    private static readonly Gen<Check> Checks = Gen.Select(
        Gen.Enum<CheckKind>(),
        Texts,
        Gen.Bool,
        Gen.Int[0, 3],
        (kind, text, truth, which) =>
            new Check
            {
                Kind = kind,
                Name = text,
                Value = which == 0 || text.Length == 0 ? null : text,
                IgnoreCase = truth,
                Schema = which == 1 ? JsonSerializer.SerializeToElement(new { type = "object" }) : null,
                MaxTokens = which == 2 ? 500 : null,
                MaxWords = which == 3 ? 7 : null,
                MaxCost = which == 2 ? 0.000_000_1m : null,
                MaxMilliseconds = which == 3 ? 5_000_000_000 : null,
                JudgePromptId = text.Length == 0 || !truth ? null : text,
                JudgeVersion = which == 1 ? "1.0.0" : null,
                JudgeModelProfileId = text.Length == 0 || !truth ? null : text,
            }
    );

    private static readonly Gen<(TestCaseContent, CaseOrigin)> Cases = Gen.Select(
        Texts,
        Gen.Dictionary(OneOf("notes", "größe", "yes", "input.name"), Values)[0, 3],
        Texts,
        OneOf("smoke", "tone", "null").Array[0, 3],
        Gen.Enum<CaseOrigin>(),
        (name, inputs, expected, tags, origin) =>
            (
                new TestCaseContent(name.Trim(), inputs, expected.Length == 0 ? null : expected, [.. tags.Distinct()]),
                origin == CaseOrigin.Manual ? CaseOrigin.File : origin
            )
    );

    [Fact]
    public void Write_ThenRead_IsTheSame() =>
        Gen.Select(Texts, Texts, Checks.Array[0, 4], Cases.Array[0, 4], Gen.Bool)
            .Sample(
                (name, owner, checks, cases, isOfWorkflow) =>
                {
                    var set =
                        isOfWorkflow && owner.Trim() is { Length: > 0 } workflow
                            ? new TestSetDocument(name.Trim(), "", checks, cases) { Workflow = workflow, Output = workflow }
                            : new TestSetDocument(name.Trim(), owner.Trim(), checks, cases);
                    var text = TestSetFile.Write(set);
                    var yaml = YamlReader.Read(ExchangeText.Read(ExchangeText.Bytes(text)).Value, 1);
                    TestSetFile.IsTestSet(yaml.Value).Should().BeTrue();
                    var read = TestSetFile.Read(yaml.Value);
                    read.Problem.Should().BeNull();
                    Json(read.Value).Should().Be(Json(set));
                    TestSetFile.Write(read.Value).Should().Be(text);
                },
                iter: Samples.Count(few: 300, many: 20_000),
                threads: 1
            );

    [Theory]
    [InlineData("testSet: A\nprompt: B\nchecks:\n  - value: x", "A check needs a “kind”")]
    [InlineData("testSet: A\nprompt: B\nchecks:\n  - kind: equals", "one of equalTo")]
    [InlineData("testSet: A\nprompt: B\ncases:\n  - input: {}", "Did you mean “inputs”")]
    [InlineData("testSet: A\nprompt: B\ncases: {}", "must be a list")]
    [InlineData("testSet: A\nprompt: B\ncases:\n  - inputs: [a]", "names with values")]
    [InlineData("testSet: A\nprompt: B\ncases:\n  - origin: elsewhere", "one of manual")]
    [InlineData("testSet: A\nprompt: B\ncases:\n  - expected: 5", "Put numbers, true and false in quotes")]
    [InlineData("testSet: A\nprompt: B\nchecks:\n  - kind: limit\n    maxMilliseconds: 1.5", "a whole number")]
    [InlineData("testSet: A\nprompt: B\nsecret: C", "unknown field “secret”")]
    public void Read_OfAWrongFile_SaysWhatAndWhere(string text, string words)
    {
        var problem = TestSetFile.Read(YamlReader.Read(text, 1).Value).Problem;

        problem!
            .Errors.Should()
            .ContainSingle(error =>
                error.Message.Contains(words, StringComparison.Ordinal) && error.Message.StartsWith("Line ", StringComparison.Ordinal)
            );
    }

    private static string Json(TestSetDocument set) =>
        JsonSerializer.Serialize(
            new
            {
                set.Name,
                set.Prompt,
                set.Workflow,
                set.Output,
                set.Checks,
                Cases = set.Cases.Select(test => new
                {
                    test.Content.Name,
                    Inputs = test.Content.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal),
                    test.Content.Expected,
                    test.Content.Tags,
                    test.Origin,
                }),
            },
            AppJson.Options
        );
}

using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Options;
using PromptPilot.Web.Features.Workflows.Editing.Options;

namespace PromptPilot.Tests.Unit.Workflows;

/// <summary>Every option has its row, and every row changes what it says.</summary>
public class StepOptionTableTests
{
    [Fact]
    public void Options_AllHaveTheirRow()
    {
        var paths = Paths(typeof(StepOptions), "").ToList();

        StepOptionTable.All.Select(option => option.Field).Should().BeEquivalentTo(paths);
    }

    [Fact]
    public void Rows_ReadWhatTheyWrite_AndNothingElse()
    {
        foreach (var option in StepOptionTable.All.Where(option => option.Field != "parameters"))
        {
            var value = Sample(option.Type);
            var changed = option.With(new StepOptions(), value);

            option.Get(changed).Should().Be(value, option.Field);
            option.IsSet(changed).Should().BeTrue(option.Field);
            StepOptionTable
                .All.Where(other => other.IsSet(changed) && other.Type != typeof(bool))
                .Should()
                .BeSubsetOf([option], option.Field);
            var unset = option.With(changed, null);
            option.IsSet(unset).Should().BeFalse(option.Field);
        }
    }

    [Fact]
    public void Rows_WithAField_SayHowItIsFilled()
    {
        foreach (var option in StepOptionTable.All.Where(option => option.Form is not null))
        {
            StepOptionSection.All.Should().Contain(option.Form!.Section, option.Field);
            option.Form.Label.Should().NotBeEmpty(option.Field);
            option.Form.Choices.Any().Should().Be(option.Type.IsEnum, option.Field);
            if (option.Type.IsEnum)
            {
                // Without a value of its own, the form offers what applies instead.
                var unset = (Enum?)option.Get(new StepOptions());
                option.Form.Choices.Any(choice => choice.Value.Equals(unset)).Should().Be(unset is not null, option.Field);
                (unset is not null || option.Form.Placeholder is not null).Should().BeTrue(option.Field);
            }
        }
    }

    [Fact]
    public void Draft_OfEachOption_GivesItsValueBack()
    {
        var everything = StepOptionTable
            .All.Where(option => option.Form is not null)
            .Aggregate(new StepOptions(), (options, option) => option.With(options, Sample(option.Type)));

        var read = StepOptionsDraft.From(everything).ToOptions();

        foreach (var option in StepOptionTable.All)
        {
            var expected = option.Get(everything);
            (expected is JsonElement ? option.Get(read)?.ToString() : option.Get(read))
                .Should()
                .Be(expected is JsonElement json ? json.ToString() : expected, option.Field);
        }
    }

    /// <summary>As the API names them: the two objects, and the fields in them.</summary>
    private static IEnumerable<string> Paths(Type type, string at)
    {
        foreach (var property in type.GetProperties().Where(property => property.CanWrite))
        {
            var path = at + JsonNamingPolicy.CamelCase.ConvertName(property.Name);
            yield return path;
            if (property.PropertyType == typeof(ReviewOptions) || property.PropertyType == typeof(ParameterChanges))
            {
                foreach (var inner in Paths(property.PropertyType, path + "."))
                {
                    yield return inner;
                }
            }
        }
    }

    private static object Sample(Type type) =>
        type switch
        {
            { IsEnum: true } => type == typeof(ReviewVerdict) ? ReviewVerdict.Approve : Enum.ToObject(type, 1),
            _ when type == typeof(string) => "text",
            _ when type == typeof(int) => 7,
            _ when type == typeof(double) => 0.5,
            _ when type == typeof(bool) => true,
            _ => AppJson.Text("json"),
        };
}

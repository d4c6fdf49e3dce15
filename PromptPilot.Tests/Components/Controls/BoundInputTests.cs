using Bunit;
using PromptPilot.Web.Components.Controls.Inputs;

namespace PromptPilot.Tests.Components.Controls;

/// <summary>An input whose text is stored by a parent that answers late.</summary>
public sealed class BoundInputTests : ComponentTest
{
    [Fact]
    public void Value_ThatWasTypedBefore_DoesNotUndoWhatWasTypedSince()
    {
        var reported = new List<string>();
        var input = Render<BoundInput>(p => p.Add(i => i.IsImmediate, true).Add(i => i.ValueChanged, reported.Add));
        input.Find("input").Input("spl");
        input.Find("input").Input("spli");
        input.Find("input").Input("split");

        input.Render(p => p.Add(i => i.Value, "spli"));

        input.Find("input").GetAttribute("value").Should().Be("split");
        input.Render(p => p.Add(i => i.Value, "split"));
        input.Find("input").GetAttribute("value").Should().Be("split");
        reported.Should().Equal("spl", "spli", "split");
    }

    [Fact]
    public void Value_ChangedElsewhere_ReplacesWhatWasTyped()
    {
        var input = Render<BoundInput>(p => p.Add(i => i.Value, "old"));
        input.Find("input").Change("typed");

        input.Render(p => p.Add(i => i.Value, "new"));

        input.Find("input").GetAttribute("value").Should().Be("new");
    }

    [Fact]
    public void Number_ThatIsNone_IsNotReported()
    {
        var reported = new List<int>();
        var input = Render<NumberInput<int>>(p => p.Add(i => i.Value, 5).Add(i => i.ValueChanged, reported.Add));
        input.Find("input").Change("many");
        input.Find("input").Change("7");

        reported.Should().Equal(7);
    }

    [Fact]
    public void Error_AndHelp_DescribeTheControl()
    {
        var input = Render<TextInput>(p => p.Add(i => i.Id, "name").Add(i => i.Error, "Enter a name.").Add(i => i.Help, "As in lists."));

        input.Find("input").GetAttribute("aria-invalid").Should().Be("true");
        input.Find("input").GetAttribute("aria-describedby").Should().Be("name-error name-help");
        input.Find("#name-error").TextContent.Should().Be("Enter a name.");
        input.Find("#name-help").TextContent.Should().Be("As in lists.");
    }
}

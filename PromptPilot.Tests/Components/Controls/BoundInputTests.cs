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

    /// <summary>The browser compares the number with its own: a value that does not know of the newest typing is not shown.</summary>
    [Fact]
    public void Controls_SayHowManyChangesTheServerKnowsOf_BeforeTheValue()
    {
        var key = Render<TextInput>(p => p.Add(i => i.IsImmediate, true)).Find("input");
        var number = Render<NumberInput<int>>().Find("input");
        var choice = Render<SelectInput>(p => p.Add(i => i.Value, "a").AddChildContent("<option value=\"a\">a</option>")).Find("select");
        var box = Render<CheckBox>(p => p.Add(b => b.Checked, true).AddChildContent("On")).Find("input");
        var tags = Render<TagsInput>().Find("input");
        foreach (
            var change in new Action[]
            {
                () => key.Input("a"),
                () => number.Change("many"),
                () => choice.Change("a"),
                () => box.Change(true),
                () => tags.Input("a"),
            }
        )
        {
            change();
            change();
        }

        foreach (var control in new[] { key, number, choice, box, tags })
        {
            control.GetAttribute("data-seen").Should().Be("2", control.OuterHtml);
            var names = control.Attributes.Select(attribute => attribute.Name).ToList();
            names.FindIndex(name => name is "value" or "checked").Should().BeGreaterThan(names.IndexOf("data-seen"), control.OuterHtml);
        }

        new[] { key, tags }.Should().OnlyContain(control => control.GetAttribute("data-reports") == "input");
        new[] { number, choice, box }.Should().OnlyContain(control => control.GetAttribute("data-reports") == null);
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

using Bunit;
using PromptPilot.Core.Settings;
using PromptPilot.Web.Features.Settings;

namespace PromptPilot.Tests.Components.Settings;

/// <summary>One field of the settings page, and the form behind it.</summary>
public sealed class SettingFieldTests : ComponentTest
{
    private static readonly Setting Days = new(
        "PromptPilot:Runs:KeepDays",
        SettingGroup.Retention,
        SettingKind.Number,
        "Keep runs for",
        "Help.",
        "90"
    )
    {
        Unit = "days",
    };
    private static readonly Setting Secret = new(
        "PromptPilot:Smtp:Password",
        SettingGroup.Retention,
        SettingKind.Secret,
        "Password",
        "Help."
    );

    [Fact]
    public void Field_TypedInto_BecomesAChange_AndStaysWhenOthersAreSaved()
    {
        var (form, field) = Show(new SettingState(Days, "90", true, SettingSource.File, "90", null, 0, null, null));

        field.Find("input").Input("12");

        form.Changes().Should().ContainSingle().Which.Should().Be(new SettingChange(Days.Key, "12", 0));
        form.Show([form.States[0] with { Value = "20", Revision = 5 }], []);
        form.Changes()
            .Should()
            .ContainSingle("another group was saved")
            .Which.Revision.Should()
            .Be(0, "that somebody else changed it must be noticed");
        var sent = form.Changes();
        field.Find("input").Input("13");
        form.Show([form.States[0] with { Value = "12", Revision = 1 }], sent);
        form.Changes()
            .Should()
            .ContainSingle()
            .Which.Should()
            .Be(new SettingChange(Days.Key, "13", 1), "it was typed while the other was saved");
        form.Show([form.States[0] with { Value = "13", Revision = 2 }], form.Changes());
        form.IsChanged.Should().BeFalse();
    }

    [Fact]
    public void Field_ThatTheEnvironmentSets_IsShown_AndCannotBeChanged()
    {
        var (form, field) = Show(
            new SettingState(
                Days,
                "30",
                true,
                SettingSource.Environment,
                "90",
                "the environment variable PromptPilot__Runs__KeepDays",
                1,
                null,
                null
            )
        );

        field.Find("input").HasAttribute("disabled").Should().BeTrue();
        field.Markup.Should().Contain("PromptPilot__Runs__KeepDays");
        form.IsChanged.Should().BeFalse();
    }

    [Fact]
    public void Reset_ShowsTheValueBelow_AndTypingAgainUndoesIt()
    {
        var (form, field) = Show(
            new SettingState(
                Days,
                "12",
                true,
                SettingSource.Page,
                "90",
                null,
                3,
                new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc),
                "Sample person"
            )
        );

        field.Find("[data-testid=take-back]").Click();

        form.Changes().Should().ContainSingle().Which.Should().Be(new SettingChange(Days.Key, null, 3));
        field.Render();
        field.Find("input").GetAttribute("value").Should().Be("90");
        field.Markup.Should().Contain("Saving resets this to “90”.");
        field.Find("input").Input("12");
        form.IsChanged.Should().BeFalse();
    }

    [Fact]
    public void Secret_LeftEmpty_Stays()
    {
        var (form, field) = Show(new SettingState(Secret, "", true, SettingSource.Page, "", null, 1, null, null));

        field.Find("input").GetAttribute("value").Should().BeNullOrEmpty();
        field.Find("input").GetAttribute("placeholder").Should().Contain("Stored");
        field.Find("input").Input("x");
        field.Find("input").Input("");
        form.IsChanged.Should().BeFalse();
    }

    private (SettingsForm Form, IRenderedComponent<SettingField> Field) Show(SettingState state)
    {
        var form = new SettingsForm(SettingGroup.Retention);
        form.Show([state], []);
        return (form, Render<SettingField>(p => p.Add(f => f.State, state).Add(f => f.Form, form)));
    }
}

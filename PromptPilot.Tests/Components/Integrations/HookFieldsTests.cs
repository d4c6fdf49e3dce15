using Bunit;
using PromptPilot.Core.Integrations;
using PromptPilot.Core.Integrations.Bodies;
using PromptPilot.Web.Features.Integrations;

namespace PromptPilot.Tests.Components.Integrations;

public sealed class HookFieldsTests : ComponentTest
{
    private const string Secret = "[data-testid=auth-token]";

    [Fact]
    public void Secret_IsAskedForOnlyWhereTheReceiverVerifiesSignatures()
    {
        var (form, fields) = RenderForm(HookForm.New("w"));

        fields.Find("[data-testid=kind-slack]").Change(true);
        fields.FindAll(Secret).Should().BeEmpty("the address is the secret");
        fields.Find("[data-testid=kind-webhook]").Change(true);
        fields.FindAll(Secret).Should().HaveCount(1);
        foreach (var preset in BodyPresets.All)
        {
            fields.Find("[data-testid=receiver]").Change(preset.Key);

            fields.FindAll(Secret).Should().HaveCount(preset.Key == "other" ? 1 : 0, preset.Key);
            form.Receiver.Should().Be(preset.Key);
        }

        fields.Find("[data-testid=receiver]").Change("discord");
        fields.Find("[data-testid=body]").Change("{}");
        fields.FindAll(Secret).Should().HaveCount(1, "a body of one's own may be for a program that verifies");
    }

    [Fact]
    public void Secret_ThatWasTyped_IsKeptWhileTheReceiverChanges_ButNotSavedWhereItIsHidden()
    {
        var (form, fields) = RenderForm(HookForm.New("w"));
        fields.Find(Secret).Change("whsec_typed");

        fields.Find("[data-testid=receiver]").Change("teams");
        form.ToContent().AuthToken.Should().BeNull("nobody sees it");
        fields.Find("[data-testid=receiver]").Change("");

        fields.Find(Secret).GetAttribute("value").Should().Be("whsec_typed");
        form.ToContent().AuthToken.Should().Be("whsec_typed");
    }

    [Fact]
    public void Secret_ThatIsStored_StaysStored_WhenTheReceiverChangesToAndFro()
    {
        var (form, fields) = RenderForm(HookForm.From(Stored()), isNew: false);
        fields.Find(Secret).GetAttribute("placeholder").Should().Be("Stored. Type to replace it.");

        fields.Find("[data-testid=receiver]").Change("google-chat");
        form.ToContent().AuthToken.Should().BeNull("null keeps the stored one");
        fields.Find("[data-testid=receiver]").Change("");

        fields.Find(Secret).GetAttribute("placeholder").Should().Be("Stored. Type to replace it.");
        form.ToContent().AuthToken.Should().BeNull();
        form.IsChanged.Should().BeFalse();
    }

    [Fact]
    public void Merge_KeepsWhatWasTypedWhileItWasSaved_Unsaved()
    {
        var (untouched, typed) = (HookForm.From(Stored()), HookForm.From(Stored()));
        untouched.Name = typed.Name = "Saved";
        var sent = typed.Snapshot();
        typed.TargetUrl = "https://example.org/typed";
        var saved = Stored() with { Name = "Saved", Revision = 2 };

        typed.Merge(saved, sent).Should().BeSameAs(typed);

        (typed.TargetUrl, typed.IsChanged).Should().Be(("https://example.org/typed", true));
        typed.TargetUrl = saved.TargetUrl;
        typed.IsChanged.Should().BeFalse("nothing but the address was left to save");
        untouched.Merge(saved, sent).IsChanged.Should().BeFalse();
    }

    private static HookView Stored() =>
        new(
            "h",
            "Results",
            HookType.Webhook,
            "https://example.org/in",
            HasSecret: true,
            "w",
            "Weekly",
            [HookEvent.Succeeded],
            null,
            Enabled: true,
            null,
            Now,
            1
        );

    private (HookForm Form, IRenderedComponent<HookFields> Fields) RenderForm(HookForm form, bool isNew = true) =>
        (form, Render<HookFields>(p => p.Add(f => f.Form, form).Add(f => f.IsNew, isNew).Add(f => f.MayWrite, true)));
}

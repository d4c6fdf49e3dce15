using Bunit;
using PromptPilot.Core.Models;
using PromptPilot.Core.Shared;
using PromptPilot.Tests.Components;
using PromptPilot.Web.Features.Models;

namespace PromptPilot.Tests.Components.Models;

public class ModelProfileFieldsTests : ComponentTest
{
    [Fact]
    public void Provider_Offline_AsksForNeitherEndpointNorKey()
    {
        var form = ModelProfileForm.New();
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));
        fields.FindAll("[data-testid=api-key]").Should().NotBeEmpty();

        fields.Find("[data-testid=provider-offline]").Change(true);

        fields.FindAll("[data-testid=api-key]").Should().BeEmpty();
        fields.FindAll("[data-testid=endpoint]").Should().BeEmpty();
        form.ToContent().Should().BeEquivalentTo(new { Provider = Providers.Offline, Model = "lexrank", ApiKey = (string?)null });
    }

    [Fact]
    public void StoredKey_IsNeverInThePage_OnlyThatItIsThere()
    {
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, ModelProfileForm.From(View())));

        var key = fields.Find("input[type=password]");
        key.GetAttribute("placeholder").Should().Be("stored; type to replace");
        key.GetAttribute("value").Should().BeNullOrEmpty();
    }

    [Fact]
    public void Errors_StandAtTheirFields_AndOpenTheLimits()
    {
        var problem = Problem.Invalid("Not saved.", new FieldError("model", "Enter the model."), new FieldError("limits.idleSeconds", "Too short."));
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, ModelProfileForm.New()).Add(f => f.Problem, problem));

        fields.Markup.Should().Contain("Enter the model.").And.Contain("Too short.");
        fields.Find("details").HasAttribute("open").Should().BeTrue();
    }

    [Fact]
    public void Test_Answer_ShowsTextLatencyAndModel()
    {
        var card = Render<ModelTestCard>(p => p.Add(c => c.Enabled, true).Add(c => c.Test, new ModelTest("It works.", "fake-2026", 1234, 210, 12, 3, 0.0005m, null)));

        card.Find("[data-testid=test-answer]").TextContent.Should().Be("It works.");
        card.Markup.Should().Contain("1.2 s").And.Contain("210 ms").And.Contain("fake-2026");
    }

    [Fact]
    public void Test_Fault_ShowsTheCause()
    {
        var fault = new ModelFault(ErrorCode.Auth, "The provider refused the API key (401).");
        var card = Render<ModelTestCard>(p => p.Add(c => c.Enabled, true).Add(c => c.Test, new ModelTest("", "fake", 50, null, 0, 0, 0, fault)));

        card.Find("[data-testid=test-fault]").TextContent.Should().Be(fault.Message);
        card.FindAll("[data-testid=test-answer]").Should().BeEmpty();
    }

    [Fact]
    public void Form_UntouchedFromAView_ChangesNothing()
    {
        var form = ModelProfileForm.From(View());
        form.IsChanged.Should().BeFalse();
        form.ToContent().Should().BeEquivalentTo(new { Name = "A", Endpoint = "https://m.example.org/v1", ApiKey = (string?)null, Enabled = (bool?)true });

        form.RemoveKey = true;
        form.IsChanged.Should().BeTrue();
        form.ToContent().ApiKey.Should().BeEmpty();
    }

    [Fact]
    public void Form_ProviderChanged_DropsWhatOnlyFittedTheOldOne()
    {
        var form = ModelProfileForm.From(View());

        form.Choose(Providers.Ollama);

        (form.Endpoint, form.Model).Should().Be(("", "m"));
    }

    private static ModelProfileView View() => new(
        "id", "A", Providers.OpenAICompatible, "https://m.example.org/v1", "m", true, new ModelParameters(), new PricesInUsd(1, 2), new ModelLimits(), true, 2, null, Now, Now, 3);
}

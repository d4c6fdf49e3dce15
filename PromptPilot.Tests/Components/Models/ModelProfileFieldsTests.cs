using Bunit;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs.Budgets;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
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
        fields.FindAll("[data-testid=temperature]").Should().BeEmpty("only the length applies");
        form.ToContent()
            .Should()
            .BeEquivalentTo(
                new
                {
                    Provider = Providers.Offline,
                    Model = "extractive",
                    ApiKey = (string?)null,
                }
            );
    }

    [Fact]
    public void StoredKey_IsNeverInThePage_OnlyThatItIsThere()
    {
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, ModelProfileForm.From(View())));

        var key = fields.Find("input[type=password]");
        key.GetAttribute("placeholder").Should().Be("Stored. Type to replace it.");
        key.GetAttribute("value").Should().BeNullOrEmpty();
    }

    [Fact]
    public void Errors_StandAtTheirFields_AndOpenTheLimits()
    {
        var problem = Problem.Invalid(
            "Not saved.",
            new FieldError("model", "Enter the model."),
            new FieldError("limits.idleSeconds", "Too short.")
        );
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, ModelProfileForm.New()).Add(f => f.Problem, problem));

        fields.Markup.Should().Contain("Enter the model.").And.Contain("Too short.");
        fields.Find("details").HasAttribute("open").Should().BeTrue();
    }

    [Fact]
    public void Abilities_ShowWhatIsKnownOfTheEnteredModel()
    {
        var form = ModelProfileForm.New();
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));
        string Pictures() => fields.Find("[data-testid=takes-pictures] option").TextContent;
        Pictures().Should().Be("Automatic");

        fields.Find("[data-testid=model]").Change("o3-mini");
        Pictures().Should().Be("Automatic: no");
        fields.Find("[data-testid=context-tokens]").GetAttribute("placeholder").Should().Be("200,000");

        fields.Find("[data-testid=takes-pictures]").Change("yes");
        fields.Find("[data-testid=context-tokens]").Change("8000");
        (form.ToContent().TakesPictures, form.ToContent().ContextTokens).Should().Be((true, 8000));
    }

    [Fact]
    public void Merge_KeepsWhatWasTypedWhileItWasSaved_Unsaved()
    {
        var form = ModelProfileForm.From(View());
        form.ApiKey = "sk-new";
        var sent = form.Snapshot();
        form.Merge(View(), sent).Should().NotBeSameAs(form, "nothing was typed meanwhile");
        form.Fallbacks.Add("other");

        form.Merge(View(), sent).Should().BeSameAs(form);

        (form.ApiKey, form.IsChanged, form.HasStoredKey).Should().Be(("sk-new", true, true));
        form.Fallbacks.Should().Equal("other");
    }

    [Fact]
    public void Fallbacks_AreAddedOrderedAndRemoved()
    {
        var form = ModelProfileForm.New();
        var others = new[] { "a", "b" }.Select(id => new ModelProfileName(id, $"Profile {id}", Providers.OpenAI, "m", true, true)).ToList();
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form).Add(f => f.Others, others));

        fields.Find("[data-testid=add-fallback]").Change("a");
        fields.Find("[data-testid=add-fallback]").Change("b");
        form.ToContent().Fallbacks.Should().Equal("a", "b");
        fields.FindAll("[data-testid=add-fallback] option").Should().HaveCount(1, "each can be added once");

        fields.Find("[aria-label='Move Profile b up']").Click();
        form.ToContent().Fallbacks.Should().Equal("b", "a");
        fields.Find("[aria-label='Remove Profile b']").Click();
        form.ToContent().Fallbacks.Should().Equal("a");
        form.IsChanged.Should().BeTrue();
    }

    [Fact]
    public void KnownPrice_Chosen_FillsBothFieldsAndSaysItsDateAndPage()
    {
        var form = ModelProfileForm.New();
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));

        fields.Find("[data-testid=known-price]").Change("gpt-5.4-mini");

        (form.InputPerMillion, form.OutputPerMillion).Should().Be((0.75m, 4.50m));
        var note = fields.Find("[data-testid=known-price-note]");
        note.TextContent.Should().Contain("OpenAI’s price page on 22 May 2026").And.Contain("Prices change");
        note.QuerySelector("a")!.GetAttribute("href").Should().Be("https://developers.openai.com/api/docs/pricing");

        form.InputPerMillion = 0.5m;
        fields.Render();
        fields.FindAll("[data-testid=known-price-note]").Should().BeEmpty("the price is no longer the known one");
    }

    [Fact]
    public void KnownPrice_OfTheTypedModel_IsOfferedUntilThereIsAPrice()
    {
        var form = ModelProfileForm.New();
        form.Model = "gpt-4o-2024-08-06";
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));

        fields.Find("[data-testid=take-suggested]").Click();

        (form.InputPerMillion, form.OutputPerMillion).Should().Be((2.50m, 10m));
        fields.FindAll("[data-testid=take-suggested]").Should().BeEmpty();
    }

    [Theory]
    [InlineData(0, 5, true)]
    [InlineData(1, 5, false)]
    [InlineData(0, null, false)]
    public void BudgetWithoutPrices_IsWarnedOf(int price, int? budget, bool isWarned)
    {
        var form = ModelProfileForm.New();
        (form.InputPerMillion, form.MonthBudget) = (price, budget);

        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));

        fields.FindAll("[data-testid=budget-warning]").Should().HaveCount(isWarned ? 1 : 0);
    }

    [Fact]
    public void LimitsAndBudgets_Wrong_SayItAtTheField()
    {
        var problem = Problem.Invalid(
            "Not saved.",
            new FieldError("limits.concurrentCalls", "Too few."),
            new FieldError("budgets.day", "Too much.")
        );
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, ModelProfileForm.New()).Add(f => f.Problem, problem));

        fields.Markup.Should().Contain("Too few.").And.Contain("Too much.");
        fields.Find("details").HasAttribute("open").Should().BeTrue();
        ModelProfileFields.ShownErrors.Should().Contain(problem.Errors.Select(error => error.Field));
    }

    [Fact]
    public void Form_LimitsAndBudgets_AreSent()
    {
        var form = ModelProfileForm.From(View());
        (form.ConcurrentCalls, form.RequestsPerMinute, form.DayBudget, form.MonthBudget, form.StructuredOutput) = (3, 60, 1.5m, 20m, true);

        form.IsChanged.Should().BeTrue();
        var content = form.ToContent();
        (content.Limits.ConcurrentCalls, content.Limits.RequestsPerMinute, content.Budgets, content.StructuredOutput)
            .Should()
            .Be((3, 60, new BudgetsInUsd(1.5m, 20m), true));
    }

    [Fact]
    public void Spent_ShowsWhatIsLeftOfTheBudgets()
    {
        var card = Render<SpentCard>(p =>
            p.Add(c => c.Spend, new ProfileSpend(2_500_000_000, 30_000_000_000, 10_000_000, 5_000_000_000, null))
        );

        card.Find("[data-testid=spent-today]").TextContent.Should().Contain("$2.50 of $5.00");
        card.Find("[role=meter]").GetAttribute("aria-valuenow").Should().Be("50");
        card.Find("[data-testid=spent-month]").TextContent.Should().Contain("$30.00").And.NotContain("of");
        card.Markup.Should().Contain("$0.01").And.Contain("reserved").And.NotContain("No budget is set");
    }

    [Fact]
    public void Test_Answer_ShowsTextLatencyAndModel()
    {
        var card = Render<ModelTestCard>(p => p.Add(c => c.Test, new ModelTest("It works.", "fake-2026", 1234, 210, 12, 3, 0.0005m, null)));

        card.Find("[data-testid=test-answer]").TextContent.Should().Be("It works.");
        card.Markup.Should().Contain("1.2 s").And.Contain("210 ms").And.Contain("fake-2026");
    }

    [Fact]
    public void Test_Fault_ShowsTheCause()
    {
        var fault = new ModelFault(ErrorCode.Auth, "The provider refused the API key (401).");
        var card = Render<ModelTestCard>(p => p.Add(c => c.Test, new ModelTest("", "fake", 50, null, 0, 0, 0, fault)));

        card.Find("[data-testid=test-fault]").TextContent.Should().Be(fault.Message);
        card.FindAll("[data-testid=test-answer]").Should().BeEmpty();
    }

    [Theory]
    [InlineData(Providers.OpenAI, true, true)]
    [InlineData(Providers.AzureOpenAI, true, true)]
    [InlineData(Providers.Anthropic, true, true)]
    [InlineData(Providers.Gemini, true, true)]
    [InlineData(Providers.Ollama, true, true)]
    [InlineData(Providers.OpenAICompatible, true, true)]
    [InlineData(Providers.Offline, false, false)]
    public void Provider_HasItsFields_AndSendsNoTemperatureUnlessOneIsTyped(string provider, bool hasKey, bool listsModels)
    {
        var form = ModelProfileForm.New();
        form.Choose(provider);

        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));

        fields.FindAll("[data-testid=api-key]").Should().HaveCount(hasKey ? 1 : 0);
        fields.FindAll("[data-testid=list-models]").Should().HaveCount(listsModels ? 1 : 0);
        fields.Markup.Should().Contain(form.Descriptor.ModelHelp);
        form.ToContent().Parameters.Temperature.Should().BeNull();
    }

    [Fact]
    public void Models_Listed_AreChosenFrom_AndGoWithTheProvider()
    {
        var form = ModelProfileForm.New();
        var asked = 0;
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form).Add(f => f.OnListModels, () => asked++));
        fields.Find("[data-testid=list-models]").Click();
        asked.Should().Be(1);

        form.Offered = [new OfferedModel("claude-opus-4-6", "Claude Opus 4.6"), new OfferedModel("plain", null)];
        fields.Render();
        fields
            .FindAll("[data-testid=offered-models] option")
            .Select(option => option.TextContent)
            .Should()
            .Equal("Choose a model…", "Claude Opus 4.6 (claude-opus-4-6)", "plain");
        fields.Find("[data-testid=offered-models]").Change("claude-opus-4-6");
        form.Model.Should().Be("claude-opus-4-6");

        form.Choose(Providers.Ollama);
        form.Offered.Should().BeNull();
        form.Offered = [];
        fields.Render();
        fields.Find("[data-testid=no-models]").TextContent.Should().Contain("ollama pull");
    }

    [Fact]
    public void Audience_Limited_IsSentAndComesBack()
    {
        var form = ModelProfileForm.New();
        var fields = Render<ModelProfileFields>(p => p.Add(f => f.Form, form));
        form.ToContent().Roles.Should().BeEmpty("everyone who can run workflows");

        fields.Find("[data-testid=audience-limited]").Change(true);
        form.ToContent().Roles.Should().Equal(Role.Admin);
        fields.Markup.Should().Contain(">admins<");
        fields.Find("[data-testid=audience-architect]").Change(true);
        form.ToContent().Roles.Should().Equal(Role.Architect, Role.Admin);
        fields.Markup.Should().Contain("architects and admins");

        ModelProfileForm
            .From(View() with { Roles = [Role.Architect, Role.Admin] })
            .ToContent()
            .Roles.Should()
            .Equal(Role.Architect, Role.Admin);
    }

    [Fact]
    public void Stop_IsOneTextALine_WithLineBreaksAsTheyAreTyped()
    {
        var form = ModelProfileForm.New();
        form.Stop = "END\n\\n\\nHuman:\n";

        form.ToContent().Parameters.Stop.Should().Equal("END", "\n\nHuman:");
        ModelProfileForm
            .From(View() with { Parameters = new ModelParameters { Stop = ["END", "\n\nHuman:"] } })
            .Stop.Should()
            .Be("END\n\\n\\nHuman:");
    }

    [Fact]
    public void UsedBy_NamesWorkflowsStepsPromptsAndSchedules()
    {
        var card = Render<ModelUsersCard>(p =>
            p.Add(
                c => c.Users,
                [
                    new ModelProfileUser(
                        "w1",
                        "Weekly digest",
                        [
                            new ModelProfileStep("summary", "p1", "Summarize", true, true),
                            new ModelProfileStep("mail", "p2", "Write a mail", true, false),
                        ],
                        2
                    ),
                ]
            )
        );

        card.Markup.Should()
            .Contain("Weekly digest")
            .And.Contain("2 schedules")
            .And.Contain("summary")
            .And.Contain("Write a mail")
            .And.Contain("draft only");
        card.FindAll("a")
            .Select(link => link.GetAttribute("href"))
            .Should()
            .Equal("workflows/w1", "triggers/schedules?text=Weekly%20digest", "prompts/p1", "prompts/p2");
    }

    [Fact]
    public void Form_UntouchedFromAView_ChangesNothing()
    {
        var form = ModelProfileForm.From(View());
        form.IsChanged.Should().BeFalse();
        form.ToContent()
            .Should()
            .BeEquivalentTo(
                new
                {
                    Name = "A",
                    Endpoint = "https://m.example.org/v1",
                    ApiKey = (string?)null,
                    Enabled = (bool?)true,
                }
            );

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

    private static ModelProfileView View() =>
        new(
            "id",
            "A",
            Providers.OpenAICompatible,
            "https://m.example.org/v1",
            "m",
            true,
            Now,
            new ModelParameters(),
            new PricesInUsd(1, 2),
            new ModelLimits(),
            new BudgetsInUsd(null, null),
            false,
            true,
            [],
            2,
            null,
            Now,
            Now,
            3
        );
}

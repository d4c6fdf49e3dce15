using System.Security.Claims;
using System.Text.Json;
using Bunit;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor;
using PromptPilot.Core.Files;
using PromptPilot.Core.Models;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.State;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Core.Workflows;
using PromptPilot.Core.Workflows.Editing;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Fork;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;
using static PromptPilot.Tests.Support.RunStates;

namespace PromptPilot.Tests.Components.Runs;

public sealed class ForkDrawerTests : ComponentTest, IAsyncLifetime
{
    private EngineHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        AddAuthorization()
            .SetAuthorized("Person")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "person"), new Claim(Session.Claim, "person-session"));
        Services.AddScoped<CurrentActor>();
        Services.AddSingleton(_host.Replays);
        Services.AddSingleton(_host.Get<StepPickerService>());
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task Fork_WithAnotherValue_SaysWhatRuns_AndGoesToTheNewRun()
    {
        var run = await EndedRunAsync();
        var drawer = await OpenAsync(run, run.Steps[1]);

        drawer.Find("[data-testid=fork-plan]").TextContent.Should().Contain("Runs again: two, three.").And.Contain("Kept: one.");
        drawer.Find("[data-testid=fork-values-one]").GetAttribute("value").Should().Be("[one: hello]");
        drawer.Find("[data-testid=fork-values-one]").Change("something else");
        await drawer.Find("#fork-form").SubmitAsync();

        drawer.WaitForAssertion(() => Services.GetRequiredService<NavigationManager>().Uri.Should().Contain("/runs/"));
        var forked = await _host.EndOfAsync(Services.GetRequiredService<NavigationManager>().Uri.Split('/')[^1]);
        forked.ParentRunId.Should().Be(run.Id);
        forked.Outputs!["three"].GetString().Should().Be("[three: [two: something else]]");
        forked.Steps[0].IsReused.Should().BeTrue();
    }

    [Fact]
    public async Task Fork_ThatIsRefused_TellsItAtTheField_AndKeepsWhatWasTyped()
    {
        var run = await EndedRunAsync();
        var drawer = await OpenAsync(run, run.Steps[1]);

        drawer.Find("[data-testid=fork-values-one]").Change("typed");
        drawer.Find("[data-testid=fork-temperature]").Change("hot");
        await drawer.Find("#fork-form").SubmitAsync();
        drawer.Find("[data-testid=fork-temperature-error]").TextContent.Should().StartWith("Enter a number");
        drawer.Find("[data-testid=fork-temperature]").Change("3");
        await drawer.Find("#fork-form").SubmitAsync();

        drawer.WaitForAssertion(() =>
            drawer.Find("[data-testid=fork-temperature-error]").TextContent.Should().Be("The temperature must be a number from 0 to 2.")
        );
        drawer.Find("[data-testid=fork-values-one]").GetAttribute("value").Should().Be("typed");
        drawer.Find("[data-testid=fork-temperature]").GetAttribute("aria-invalid").Should().Be("true");
    }

    [Fact]
    public void Form_SendsOnlyWhatWasChanged()
    {
        var step = Step("two", 2, StepStatus.Succeeded, ["one"], Succeeded(0, 1) with { Log = Log() }) with
        {
            Options = new StepOptions { Parameters = new ParameterChanges(Temperature: 0.5) },
        };
        var form = new ForkForm(Run(RunStatus.Succeeded, Step("one", 1, StepStatus.Succeeded, []), step), step);

        form.Read(null).Value.Should().BeEquivalentTo(new ForkRequest("id-two"));

        form.Values(null).Single(value => value.Name == "text").Text = "a\r\nb";
        form.Values(null).Single(value => value.Name == "list").Text = "[1, 2, 3]";
        form.TopP = "0.9";
        var request = form.Read(null).Value;
        request.Parameters.Should().Be(new ParameterChanges(0.5, null, 0.9));
        JsonSerializer
            .Serialize(request.Values, AppJson.Options)
            .Should()
            .Be("""{"list":[1,2,3]}""", "line ends of a text area are no change");
        (request.Inputs, request.Model, request.PromptVersion).Should().Be((null, null, null));

        form.Values(null).Single(value => value.Name == "list").Text = "[1, 2";
        form.Read(null).Problem!.Errors.Single().Field.Should().Be("values.list");
        form.Expect("photo", FileKind.Picture);
        form.Values(["photo"]).Single().Kind.Should().Be(FileKind.Picture, "a file that was not there before is chosen like one");
        form.Expect("text", FileKind.Picture);
        form.Values(["text"]).Single().Kind.Should().BeNull("a text that is there stays one");
        form.Read(["text"]).IsOk.Should().BeTrue("a version without the variable does not take it");
    }

    private async Task<RunState> EndedRunAsync() =>
        await _host.EndOfAsync(
            await _host.StartRunAsync(await _host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]), ("three", ["two"])))
        );

    private async Task<IRenderedComponent<MudDialogProvider>> OpenAsync(RunState run, StepState step)
    {
        var provider = Render<MudDialogProvider>();
        await provider.InvokeAsync(() => ForkDrawer.OpenAsync(Services.GetRequiredService<IDialogService>(), run, step));
        provider.WaitForElement("[data-testid=fork-plan]");
        return provider;
    }

    private static ExecutionLog Log() =>
        new()
        {
            PromptId = "prompt",
            PromptVersionId = "version",
            ModelProfileId = "profile",
            ModelUsed = "offline-1",
            Input = new() { ["text"] = AppJson.Text("a\nb"), ["list"] = JsonSerializer.SerializeToElement(new[] { 1, 2 }) },
        };
}

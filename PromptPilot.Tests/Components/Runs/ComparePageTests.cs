using System.Security.Claims;
using Bunit;
using Bunit.TestDoubles;
using Microsoft.AspNetCore.Components;
using Microsoft.Extensions.DependencyInjection;
using PromptPilot.Core.Runs;
using PromptPilot.Core.Runs.Compare;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Web.Features.Runs;
using PromptPilot.Web.Features.Runs.Compare;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.SignIn;

namespace PromptPilot.Tests.Components.Runs;

public sealed class ComparePageTests : ComponentTest, IAsyncLifetime
{
    private EngineHost _host = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await EngineHost.StartAsync(new ScriptedModel());
        AddAuthorization()
            .SetAuthorized("Person")
            .SetClaims(new Claim(ClaimTypes.NameIdentifier, "person"), new Claim(Session.Claim, "person-session"));
        Services.AddScoped<CurrentActor>();
        Services.AddSingleton(_host.Runs);
        Services.AddSingleton(_host.Get<RunCompareService>());
    }

    public new async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Fact]
    public async Task TwoRuns_AreShownStepByStep_WithMarks()
    {
        var workflow = await _host.AddWorkflowAsync(("one", ["text"]), ("two", ["one"]));
        var left = await _host.EndOfAsync(await _host.StartRunAsync(workflow, "hello there"));
        var right = await _host.EndOfAsync(await _host.StartRunAsync(workflow, "hello world"));

        var page = Open(left.Id, right.Id);

        page.WaitForAssertion(() => page.FindAll("[data-testid=compare-step]").Should().HaveCount(2));
        page.Find("[data-testid=compare-differences]").TextContent.Should().Be("2 of 2 steps differ");
        page.Find("[data-testid=compare-inputs]").TextContent.Should().Contain("text");
        var step = page.Find("[data-step=one]");
        step.QuerySelector("[data-testid=diff-inline] del")!.TextContent.Should().Be("there");
        step.QuerySelector("[data-testid=diff-inline] ins")!.TextContent.Should().Be("world");
        step.QuerySelectorAll("[data-testid=diff-sides] pre").Should().HaveCountGreaterThanOrEqualTo(2);
        page.FindAll(".diff.desk, .diff-sides.desk").Should().NotBeEmpty("until somebody chooses, the screen decides");
        page.Find("[data-testid=view-inline]").Change(true);
        page.WaitForAssertion(() => page.FindAll("[data-testid=diff-sides]").Should().BeEmpty());
        page.Find("[data-testid=view-sides]").Change(true);
        page.FindAll("[data-testid=diff-inline]").Should().BeEmpty();
    }

    [Fact]
    public async Task MissingRuns_AreErrorsAtTheirFields_AndWhatWasTypedStays()
    {
        var run = await _host.EndOfAsync(await _host.StartRunAsync(await _host.AddWorkflowAsync(("one", ["text"]))));

        var page = Open("no-such-run", run.Id);

        page.WaitForAssertion(() => page.Find("[data-testid=compare-left-error]").TextContent.Should().Contain("no such run"));
        page.FindAll("[data-testid=compare-right-error]").Should().BeEmpty();
        page.Find("[data-testid=compare-right]").GetAttribute("value").Should().Be(run.Id);
        page.Find("[data-testid=compare-left]").Change($"https://example.org/runs/{run.Id}?x=1");
        page.Find("form").Submit();
        page.WaitForAssertion(() => page.Find("[data-testid=compare-right-error]").TextContent.Should().Contain("the same run"));
    }

    [Fact]
    public void NoRuns_AsksForThem()
    {
        var page = Open(null, null);

        page.Find("form").Submit();

        page.Find("[data-testid=compare-left-error]").TextContent.Should().Be("Enter a run.");
        page.Find("[data-testid=compare-right-error]").TextContent.Should().Be("Enter a run.");
    }

    [Fact]
    public async Task Compare_AsNobody_OfAMissingRun_OrOfOneRun_IsRefused()
    {
        var compare = _host.Get<RunCompareService>();
        var run = await _host.EndOfAsync(await _host.StartRunAsync(await _host.AddWorkflowAsync(("one", ["text"]))));

        (await compare.CompareAsync(Core.Users.Actor.Nobody, run.Id, run.Id, Xunit.TestContext.Current.CancellationToken))
            .Problem!.Kind.Should()
            .Be(ProblemKind.Unauthenticated);
        (await compare.CompareAsync(_host.Person, "x", "y", Xunit.TestContext.Current.CancellationToken))
            .Problem!.Errors.Select(error => error.Field)
            .Should()
            .Equal("left", "right");
        (await compare.CompareAsync(_host.Person, run.Id, run.Id, Xunit.TestContext.Current.CancellationToken))
            .Problem!.Errors.Single()
            .Field.Should()
            .Be("right");
    }

    private IRenderedComponent<ComparePage> Open(string? left, string? right)
    {
        Services.GetRequiredService<NavigationManager>().NavigateTo(ComparePage.Address(left, right ?? ""));
        return Render<ComparePage>();
    }
}

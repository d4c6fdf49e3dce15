using System.Reflection;
using Microsoft.EntityFrameworkCore;
using Microsoft.JSInterop;
using Microsoft.Playwright;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Attacks;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.InBrowser;

/// <summary>
/// What a client may send over the hub of a page, whatever the page shows: each handler of its circuit is called by its number, and so is
/// each method that scripts may call, at made-up objects.
/// Pages were opened by an admin, so that all their handlers are there; then the person is a viewer.
/// </summary>
[Collection(AttackTests.Name)]
public sealed class RawCircuitTests(AttackWorld world, Chrome chrome)
{
    /// <summary>
    /// Gets hold of the renderer's own end in the browser before Blazor uses it. Links and menus that open another page do nothing during
    /// the attack: it is about the page that is shown.
    /// </summary>
    private const string Tap = """
        let blazor;
        Object.defineProperty(window, 'Blazor', { configurable: true, get: () => blazor, set: value => {
          blazor = value;
          const { attachWebRendererInterop: attach, navigationManager } = value._internal;
          const navigate = navigationManager.navigateTo;
          navigationManager.navigateTo = (...target) => window.stays || navigate(...target);
          value._internal.attachWebRendererInterop = (id, methods, ...rest) => { window.tapped = methods; return attach(id, methods, ...rest); };
        } });
        """;

    /// <summary>
    /// An event of an unknown name is read as whatever its handler takes. A handler that opens a dialog answers when that is closed: what
    /// has not answered is waited for until nothing more comes for a while.
    /// Then a number that stands for nothing must be refused: the circuit lives, and has come to the end of its queue. Gives how many
    /// handlers have answered.
    /// </summary>
    private const string Attack = """
        async ([last, methods]) => {
          if (typeof tapped._id !== 'number') throw new Error('Objects of .NET are not known by _id any more.');
          window.stays = true;
          let answered = 0, settled = 0;
          const dispatch = id => tapped.invokeMethodAsync('DispatchEventAsync', { eventHandlerId: id, eventName: 'attack', eventFieldInfo: null }, { value: 'Admin', key: 'Enter', detail: 1 });
          const calls = [];
          for (let id = 1; id <= last; id++)
            calls.push(dispatch(id).then(() => { answered++; }, () => {}).finally(() => { settled++; }));
          for (const [assembly, method] of methods) {
            calls.push(DotNet.invokeMethodAsync(assembly, method, 'Admin').catch(() => {}));
            for (let id = 1; id <= 12; id++)
              calls.push(Object.assign(Object.create(Object.getPrototypeOf(tapped)), tapped, { _id: id }).invokeMethodAsync(method, 'Admin').catch(() => {}));
          }
          for (let before = -1; settled > before && settled < last;) {
            before = settled;
            await new Promise(done => setTimeout(done, 1000));
          }
          const limit = new Promise((_, fail) => setTimeout(() => fail(new Error('The circuit no longer answers.')), 30000));
          const refused = dispatch(1e9).then(() => false, () => true);
          if (!await Promise.race([refused, limit])) throw new Error('A handler that does not exist has answered.');
          return answered;
        }
        """;

    private const int LastHandler = 2000;

    /// <summary>What scripts may call, of every library that could have such methods.</summary>
    private static readonly string[][] Invokable =
    [
        .. AppDomain
            .CurrentDomain.GetAssemblies()
            .Where(assembly =>
                assembly.GetName().Name is { } name
                && (
                    name.StartsWith("PromptPilot.", StringComparison.Ordinal)
                    || name == "MudBlazor"
                    || name.StartsWith("Microsoft.AspNetCore.Components", StringComparison.Ordinal)
                )
            )
            .SelectMany(assembly =>
                assembly
                    .GetTypes()
                    .SelectMany(type =>
                        type.GetMethods(
                            BindingFlags.Public
                                | BindingFlags.NonPublic
                                | BindingFlags.Static
                                | BindingFlags.Instance
                                | BindingFlags.DeclaredOnly
                        )
                    )
            )
            .Where(method => method.GetCustomAttribute<JSInvokableAttribute>() is not null)
            .Select(method =>
                new[]
                {
                    method.DeclaringType!.Assembly.GetName().Name!,
                    method.GetCustomAttribute<JSInvokableAttribute>()!.Identifier ?? method.Name,
                }
            ),
    ];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    [Trait("Category", "Soak")]
    public async Task HandlersOfTheDesigner_CalledByTheirNumbers_WriteNothing_ForAViewer()
    {
        var waiting = await WaitingRunAsync();
        await AttackAllAsync(waiting, $"/workflows/{world.Mine.Workflow}/edit");
    }

    [Fact]
    [Trait("Category", "Soak")]
    public async Task HandlersOfAPage_CalledByTheirNumbers_WriteNothing_ForAViewer()
    {
        var waiting = await WaitingRunAsync();
        await AttackAllAsync(
            waiting,
            $"/prompts/{world.Mine.Prompt}",
            $"/workflows/{world.Mine.Workflow}",
            $"/workflows/{world.Mine.Workflow}/edit",
            "/users",
            $"/runs/{world.Mine.Run}",
            $"/runs/{waiting}"
        );
    }

    /// <param name="waiting">A run that waits for a review.</param>
    private async Task AttackAllAsync(string waiting, params string[] paths)
    {
        Invokable.Should().NotBeEmpty();
        var ann = await world.Portal.AddPersonAsync(Role.Admin);
        await using var window = await OpenAsync(ann);
        var wrong = new List<string>();
        foreach (var path in paths)
        {
            await ShowAsync(window, ann, path);
            await SetRoleAsync(ann, Role.Viewer);
            var before = await DumpAsync(ann);

            // Once what the page has, then what that has opened: menus, dialogs that ask whether one is sure.
            (await AttackAsync(window.Page))
                .Should()
                .BeGreaterThan(20, $"{path} has so many handlers at least");
            await AttackAsync(window.Page);

            var after = await DumpAsync(ann);
            wrong.AddRange(
                before
                    .Except(after)
                    .Select(row => $"{path} took away {row}")
                    .Concat(after.Except(before).Select(row => $"{path} wrote {row}"))
            );
        }

        wrong.Should().BeEmpty();
        world
            .Portal.Log.Where(line => line.Contains("Unhandled exception in circuit", StringComparison.Ordinal))
            .Should()
            .BeEmpty("a handler that fails ends itself, not the connection of the page");

        // The same calls by somebody who may: that nothing was written is the services' doing.
        await ShowAsync(window, ann, $"/runs/{waiting}");
        await AttackAsync(window.Page);
        await world.Api.EndOfAsync(waiting);
    }

    /// <summary>Opens a page as an admin.</summary>
    private async Task ShowAsync(BrowserWindow window, TestPerson person, string path)
    {
        await SetRoleAsync(person, Role.Admin);
        await window.GoAsync(path);
        await Assertions.Expect(window.Page.GetByTestId("loading")).ToHaveCountAsync(0, new() { Timeout = 60_000 });
    }

    private async Task<BrowserWindow> OpenAsync(TestPerson person)
    {
        var window = await chrome.OpenAsync(world.Portal.BaseAddress);
        await window.Page.AddInitScriptAsync(Tap);
        // One of the handlers leaves the page; what has no content leaves a browser where it is.
        await window.Page.RouteAsync("**/account/sign-out", route => route.FulfillAsync(new() { Status = 204 }));
        // Leaving a page with something typed asks first.
        window.Page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();
        // A page that was loaded before: the attack is one on a circuit that has been in use.
        await window.SignInOnPageAsync(person.Email, person.Password);
        return window;
    }

    /// <returns>How many handlers have answered.</returns>
    private static Task<int> AttackAsync(IPage page) => page.EvaluateAsync<int>(Attack, new object[] { LastHandler, Invokable });

    private async Task<string> WaitingRunAsync()
    {
        var workflow = await world.Api.AddWorkflowAsync(world.Mine.Profile, ("one", ["text"]));
        var definition = await world.Api.FindWorkflowAsync(workflow);
        definition["steps"]![0]!["review"] = new System.Text.Json.Nodes.JsonObject { ["instructions"] = "Is it kind?" };
        await world.Api.SendAsync(HttpMethod.Put, $"workflows/{workflow}", definition);
        await world.Api.SendAsync(HttpMethod.Post, $"workflows/{workflow}/publish", null);
        var run = await world.Api.StartRunAsync(workflow);
        await Eventually.HoldsAsync(
            async () => (await world.Api.FindAsync(run)).Text("status") == "waiting",
            "the run to wait for its review"
        );
        return run;
    }

    /// <summary>As if by another hand: the session goes on, so that the role alone decides.</summary>
    private async Task SetRoleAsync(TestPerson person, Role role)
    {
        await using var db = await world.Portal.Contexts.CreateDbContextAsync(Cancellation);
        await db.Users.Where(user => user.Id == person.Id).ExecuteUpdateAsync(user => user.SetProperty(u => u.Role, role), Cancellation);
    }

    /// <summary>What is not the person's own to change.</summary>
    private async Task<List<string>> DumpAsync(TestPerson person) =>
        [
            .. (await world.DumpAsync()).Where(row =>
                !row.StartsWith("Users:", StringComparison.Ordinal) || !row.Contains(person.Id, StringComparison.Ordinal)
            ),
        ];
}

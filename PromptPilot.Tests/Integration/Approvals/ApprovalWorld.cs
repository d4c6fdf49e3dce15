using System.Net;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using PromptPilot.Core.Approvals;
using PromptPilot.Core.Shared;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Integration.Runs;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Approvals;

/// <summary>A prompt with two versions by one architect, whose label <c>production</c> is on the first, and the people around it.</summary>
internal sealed class ApprovalWorld
{
    private readonly PortalHost _portal;

    private ApprovalWorld(PortalHost portal) => _portal = portal;

    public required TestPerson Admin { get; init; }

    /// <summary>Made all versions.</summary>
    public required TestPerson Author { get; init; }

    public required TestPerson Requester { get; init; }

    public required TestPerson Second { get; init; }

    public required TestPerson Third { get; init; }

    public required TestPerson Collaborator { get; init; }

    public string Name { get; private set; } = "";

    public string PromptId { get; private set; } = "";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ChangeDecisionService Decisions => _portal.Get<ChangeDecisionService>();

    public ChangeListService Changes => _portal.Get<ChangeListService>();

    public ProtectionService Protections => _portal.Get<ProtectionService>();

    public static async Task<ApprovalWorld> CreateAsync(PortalHost portal)
    {
        var world = new ApprovalWorld(portal)
        {
            Admin = await portal.GetAdminAsync(),
            Author = await portal.AddPersonAsync(Role.Architect),
            Requester = await portal.AddPersonAsync(Role.Architect),
            Second = await portal.AddPersonAsync(Role.Architect),
            Third = await portal.AddPersonAsync(Role.Architect),
            Collaborator = await portal.AddPersonAsync(Role.Collaborator),
        };
        world.Name = $"Guarded {Guid.NewGuid().ToString("N")[..8]}";
        var prompt = await world.SendAsync(world.Author, HttpMethod.Post, "prompts", world.Prompt("First: {{ notes }}"));
        world.PromptId = prompt.Text("id");
        await world.SendAsync(world.Author, HttpMethod.Put, world.LabelPath, new { version = "1.0.0" });
        await world.SendAsync(world.Author, HttpMethod.Put, $"prompts/{world.PromptId}", world.Prompt("Second: {{ notes }}"));
        return world;
    }

    public string LabelPath => $"prompts/{PromptId}/labels/production";

    public object Prompt(string content) => new { name = Name, content };

    public async Task ProtectAsync(
        int approvals = 1,
        string? testSetId = null,
        string? profileId = null,
        int minPass = 0,
        int maxWorse = 0
    ) =>
        (
            await Protections.ProtectLabelAsync(
                Admin.Actor,
                PromptId,
                "production",
                new ProtectionContent(testSetId, profileId, minPass, maxWorse, approvals),
                Token
            )
        )
            .Problem.Should()
            .BeNull();

    /// <summary>Asks for the second version, as a program would.</summary>
    /// <returns>The request's id.</returns>
    public async Task<string> AskAsync(TestPerson? by = null, string version = "1.1.0")
    {
        using var answer = await TrySendAsync(by ?? Requester, HttpMethod.Put, LabelPath, new { version, note = "Please." });
        answer.StatusCode.Should().Be(HttpStatusCode.Conflict);
        var body = JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Token));
        var address = answer.Headers.Location!.ToString();
        address.Should().StartWith("/api/v1/change-requests/");
        body.Text("instance").Should().Be(address);
        return address[(address.LastIndexOf('/') + 1)..];
    }

    public Task<Result<ApprovalOutcome>> ApproveAsync(TestPerson by, string id) => Decisions.ApproveAsync(by.Actor, id, Token);

    public async Task<ChangeView> FindAsync(string id) => (await Changes.FindAsync(Admin.Actor, id, Token)).Value;

    public async Task<ChangeStatus> StatusAsync(string id) => (await FindAsync(id)).Change.Status;

    /// <summary>The version that the label is on.</summary>
    public async Task<string?> ProductionAsync()
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        return await (
            from label in db.PromptLabels
            where label.PromptId == PromptId && label.Name == "production"
            join version in db.PromptVersions on label.PromptVersionId equals version.Id
            select version.Version
        ).SingleOrDefaultAsync(Token);
    }

    public async Task SetRoleAsync(TestPerson person, Role role)
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Token);
        var user = await db.Users.SingleAsync(u => u.Id == person.Id, Token);
        user.Role = role;
        await db.SaveChangesAsync(Token);
    }

    public async Task<JsonElement> SendAsync(TestPerson person, HttpMethod method, string path, object? body)
    {
        using var client = _portal.CreateClient(person);
        return await new RunApi(client).SendAsync(method, path, body);
    }

    public async Task<HttpResponseMessage> TrySendAsync(TestPerson person, HttpMethod method, string path, object? body)
    {
        using var client = _portal.CreateClient(person);
        return await new RunApi(client).TrySendAsync(method, path, body);
    }
}

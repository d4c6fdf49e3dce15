using System.Text.Json;
using PromptPilot.Core.Models;
using PromptPilot.Core.Users;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models.Replayed;

/// <summary>One host and one server for all tests of providers.</summary>
public sealed class ProviderWorld : IAsyncLifetime
{
    /// <summary>Planted as the key of every profile; found nowhere but in the header of its provider.</summary>
    internal const string Key = "sk-canary-0123456789abcdef";

    internal ModelsHost Host { get; private set; } = null!;

    internal TranscriptServer Server { get; private set; } = null!;

    internal TestPerson Admin { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Host = await ModelsHost.StartAsync(null);
        Server = await TranscriptServer.StartAsync();
        Admin = await Host.Database.AddPersonAsync(Role.Admin);
    }

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Host.DisposeAsync();
    }

    /// <summary>Makes a call that gets this answer.</summary>
    internal async Task<(ModelReply Reply, IReadOnlyList<string> Pieces)> CallAsync(
        string provider,
        Transcript answer,
        Action<ModelProfile>? change = null,
        ModelRequest? request = null
    )
    {
        Server.Script = _ => answer;
        var profile = await Host.AddProfileAsync(Server.Address, provider, Key, change);
        var pieces = new List<string>();
        var reply = await Host.Gateway.CallAsync(
            (request ?? new ModelRequest("", "summary", "Be brief.", "Say hello.")) with
            {
                ProfileId = profile.Id,
            },
            pieces.Add,
            TestContext.Current.CancellationToken
        );
        reply.Fault?.Message.Should().NotContain("canary");
        return (reply, pieces);
    }

    internal async Task<ModelFault> FaultAsync(string provider, Transcript answer) => (await CallAsync(provider, answer)).Reply.Fault!;

    /// <summary>Asks which models are offered.</summary>
    internal async Task<IReadOnlyList<OfferedModel>> ListModelsAsync(string provider, Transcript answer)
    {
        Server.Script = _ => answer;
        var content = new ModelProfileContent
        {
            Provider = provider,
            Endpoint = Server.Address,
            ApiKey = Key,
            Parameters = new ModelParameters { Temperature = null },
        };
        return (
            await Host.Get<ModelTrialService>().ListModelsAsync(Admin.Actor, null, content, TestContext.Current.CancellationToken)
        ).Value;
    }

    /// <summary>The names of the fields of the last body.</summary>
    internal IEnumerable<string> SentFields => Server.Last.Body.EnumerateObject().Select(sent => sent.Name);

    internal double Number(string field) => Server.Last.Body.GetProperty(field).GetDouble();

    internal static string Text(JsonElement element) =>
        element.ValueKind == JsonValueKind.String
            ? element.GetString()!
            : string.Concat(element.EnumerateArray().Select(part => part.GetProperty("text").GetString()));
}

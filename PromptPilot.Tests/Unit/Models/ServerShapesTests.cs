using System.Net;
using System.Text;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Unit.Models;

/// <summary>Every server's way to answer, through the whole gateway, however the network cuts it up.</summary>
public sealed class ServerShapesTests
{
    public static TheoryData<string> Streams => [.. ServerShapes.Streams.Select(shape => shape.Name)];

    public static TheoryData<string> Errors => [.. ServerShapes.Errors.Select(shape => shape.Name)];

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task Stream_IsReadAsItIsMeant(string name)
    {
        var shape = ServerShapes.Streams.Single(shape => shape.Name == name);
        // The last event is closed by an empty line, or by nothing but the end.
        string[] variants =
        [
            shape.Body,
            shape.Body + "\n",
            shape.Body.Replace("\n", "\r\n", StringComparison.Ordinal),
            "\uFEFF" + shape.Body,
        ];
        foreach (var body in variants)
        {
            foreach (var size in new[] { int.MaxValue, 1, 7, 100 })
            {
                var provider = new InMemoryProvider { Pieces = InMemoryProvider.Split(body, size) };
                var text = new StringBuilder();

                var reply = await provider.CallAsync(provider.Profile(), piece => text.Append(piece));

                Check(shape, reply);
                text.ToString().Should().Be(reply.Text);
                provider.Calls.Should().Be(1);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public async Task Error_IsSorted(string name)
    {
        var shape = ServerShapes.Errors.Single(shape => shape.Name == name);
        var provider = new InMemoryProvider
        {
            Status = (HttpStatusCode)shape.Status,
            ContentType = shape.ContentType,
            Pieces = InMemoryProvider.Split(shape.Body, 10),
        };

        Check(shape, await provider.CallAsync(provider.Profile()));
    }

    [Fact]
    public void Shapes_AreOfManyServers_EachWithItsSource()
    {
        var seen = ServerShapes.Streams.Concat(ServerShapes.Errors).Where(shape => shape.Source.Length > 0).ToList();

        seen.Select(shape => shape.Name.Split(':')[0]).Distinct().Should().HaveCountGreaterThan(18);
        seen.Should().OnlyContain(shape => shape.Source.StartsWith("https://", StringComparison.Ordinal));
    }

    private static void Check(ServerShape shape, ModelReply reply)
    {
        reply.Fault?.Code.Should().Be(shape.Fault, reply.Fault.Message);
        (reply.Fault?.Code).Should().Be(shape.Fault);
        var message = reply.Fault?.Message ?? "";
        message.Should().NotContain("canary");
        message.Contains(shape.Says, StringComparison.Ordinal).Should().BeTrue($"“{message}” says “{shape.Says}”");
        reply.Text.Should().Be(shape.Text);
        if (shape.Fault is null)
        {
            reply.FinishReason.Should().Be(shape.Reason);
            reply.HasEstimatedUsage.Should().Be(shape.Usage is null);
            reply.InputTokens.Should().Be(shape.Usage?.Input ?? 6, "the prompt is estimated where the server does not count");
            reply.OutputTokens.Should().BeGreaterThan(0);
            if (shape.Usage is { Output: var output })
            {
                reply.OutputTokens.Should().Be(output);
            }
        }
    }
}

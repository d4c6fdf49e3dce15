using Microsoft.AspNetCore.Http;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Tests.Unit.Hosting;

public sealed class BodyMemoryTests
{
    [Fact]
    public void Sender_HasAQuarter_AndAllHaveTheWhole()
    {
        var memory = new BodyMemory(1000);
        var shares = Enumerable.Range(0, 40).Select(i => memory.Begin(Request($"key{i}"))).ToList();

        shares[0].Add(250);
        FluentActions.Invoking(() => shares[0].Add(1)).Should().Throw<BadHttpRequestException>().Which.StatusCode.Should().Be(503);
        memory.Begin(Request("key0")).Invoking(other => other.Add(1)).Should().Throw<BadHttpRequestException>("it is the same sender");

        var taken = shares.Skip(1).Count(share => Takes(share, 100));
        taken.Should().BeInRange(5, 7, "the whole is bounded, also if some keys share a lane");
        memory.Used.Should().BeInRange(750, 1000);
        shares.ForEach(share => share.Dispose());
        shares.ForEach(share => share.Dispose());
        memory.Used.Should().Be(0);
        Takes(shares[0], 250).Should().BeTrue();
    }

    [Fact]
    public void Sizes_FromManyThreads_AddUp()
    {
        var memory = new BodyMemory(1_000_000);
        Parallel.For(
            0,
            1_000,
            i =>
            {
                using var share = memory.Begin(Request($"key{i % 7}"));
                Takes(share, 3_000);
                Takes(share, 400_000);
            }
        );
        memory.Used.Should().Be(0);
    }

    private static bool Takes(BodyMemory.Share share, int bytes)
    {
        try
        {
            share.Add(bytes);
            return true;
        }
        catch (BadHttpRequestException)
        {
            return false;
        }
    }

    private static HttpRequest Request(string key)
    {
        var http = new DefaultHttpContext();
        http.Request.Headers.Authorization = $"Bearer {key}";
        return http.Request;
    }
}

using System.Globalization;
using PromptPilot.Core.Models;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Models;

/// <summary>Every way a provider can fail, over real HTTP.</summary>
public sealed class ModelFaultTests : IAsyncLifetime
{
    private const string Key = "sk-canary-0987654321";
    private ModelsHost _host = null!;
    private FakeModelServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _host = await ModelsHost.StartAsync(null);
        _server = await FakeModelServer.StartAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _host.DisposeAsync();
    }

    [Theory]
    [InlineData(401, null, ErrorCode.Auth, "refused the API key (401)")]
    [InlineData(403, null, ErrorCode.Auth, "refused the API key (403)")]
    [InlineData(404, "model_not_found", ErrorCode.ModelUnavailable, "could not find this model")]
    [InlineData(400, "invalid_value", ErrorCode.BadRequest, "refused the request (400)")]
    [InlineData(422, null, ErrorCode.BadRequest, "refused the request (422)")]
    [InlineData(400, "context_length_exceeded", ErrorCode.ContextTooLong, "too long for this model")]
    [InlineData(400, "content_filter", ErrorCode.ContentFiltered, "content filter")]
    [InlineData(429, "rate_limit_exceeded", ErrorCode.RateLimited, "rate limiting calls (429)")]
    [InlineData(429, "insufficient_quota", ErrorCode.Quota, "quota is used up")]
    [InlineData(500, null, ErrorCode.ProviderError, "failed (500)")]
    [InlineData(503, null, ErrorCode.ProviderError, "failed (503)")]
    [InlineData(302, null, ErrorCode.BadRequest, "redirects to another address (302)")]
    public async Task Status_IsItsFault(int status, string? code, ErrorCode expected, string message)
    {
        var reply = await CallAsync(FakeAnswer.Error(status, "As the provider says.", code));

        reply.Fault!.Code.Should().Be(expected);
        reply.Fault.Message.Should().Contain(message);
        if (status != 302)
        {
            reply.Fault.Message.Should().EndWith("It says: As the provider says.");
        }

        (reply.Text, reply.InputTokens, reply.Cost, reply.FirstTokenAfter).Should().Be(("", 0, 0L, null));
    }

    [Fact]
    public async Task RetryAfter_SecondsAndDate_AreRead()
    {
        (await CallAsync(FakeAnswer.Error(429, retryAfter: "7"))).Fault!.RetryAfter.Should().Be(TimeSpan.FromSeconds(7));

        var date = DateTimeOffset.UtcNow.AddSeconds(90).ToString("R", CultureInfo.InvariantCulture);
        (await CallAsync(FakeAnswer.Error(503, retryAfter: date)))
            .Fault!.RetryAfter.Should()
            .BeCloseTo(TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(20));
        (await CallAsync(FakeAnswer.Error(429, retryAfter: "soon"))).Fault!.RetryAfter.Should().BeNull();
    }

    [Theory]
    [InlineData(FakeEnding.Cut, ErrorCode.IncompleteStream, "was lost while")]
    [InlineData(FakeEnding.Silent, ErrorCode.IncompleteStream, "ended before the answer was complete")]
    [InlineData(FakeEnding.Garbage, ErrorCode.IncompleteStream, "not a model response")]
    [InlineData(FakeEnding.ErrorEvent, ErrorCode.ProviderError, "The engine ran out of memory.")]
    public async Task BrokenStream_IsAFaultWithTheTextSoFar(object ending, ErrorCode expected, string message)
    {
        var reply = await CallAsync(FakeAnswer.Of("Half an answer") with { Ending = (FakeEnding)ending });

        reply.Fault!.Code.Should().Be(expected);
        reply.Fault.Message.Should().Contain(message);
        reply.Text.Should().Be("Half an answer");
        reply.InputTokens.Should().BeGreaterThan(0);
        reply.OutputTokens.Should().BeGreaterThan(0);
    }

    [Fact]
    public async Task WebPageWithStatus200_IsIncomplete()
    {
        var fault = (await CallAsync(FakeAnswer.WebPage())).Fault!;

        fault.Code.Should().Be(ErrorCode.IncompleteStream);
        fault.Message.Should().Contain("web page").And.NotContain("<");
    }

    [Fact]
    public async Task ErrorPages_AreNotDumped()
    {
        var fault = (await CallAsync(FakeAnswer.WebPage() with { Status = 502 })).Fault!;

        fault
            .Should()
            .Be(
                new ModelFault(
                    ErrorCode.ProviderError,
                    "The provider failed (502). Run again later. If it keeps failing, check the provider's status page."
                )
            );
    }

    [Fact]
    public async Task WholeJsonWithStatus200_IsNeverASuccess()
    {
        (await CallAsync(new FakeAnswer { Body = """{"choices":[{"message":{"content":"hello"}}]}""" }))
            .Fault!.Code.Should()
            .Be(ErrorCode.IncompleteStream);
        (await CallAsync(new FakeAnswer { Body = """{"error":{"message":"Overloaded."}}""" }))
            .Fault!.Should()
            .Be(
                new ModelFault(
                    ErrorCode.ProviderError,
                    "The provider ended the stream with an error. Run again later. If it keeps failing, check the provider's "
                        + "status page. It says: Overloaded."
                )
            );
    }

    [Theory]
    [InlineData("")]
    [InlineData(" \n ")]
    public async Task EmptyAnswer_IsIncomplete(string text)
    {
        var reply = await CallAsync(FakeAnswer.Of(text));

        reply.Fault!.Code.Should().Be(ErrorCode.IncompleteStream);
        reply.Fault.Message.Should().Contain("without any text");
    }

    [Fact]
    public async Task FinishReasons_DecideTheOutcome()
    {
        var truncated = await CallAsync(FakeAnswer.Of("As far as it") with { FinishReason = "length" });
        (truncated.Fault, truncated.Truncated, truncated.Text).Should().Be((null, true, "As far as it"));

        var filtered = await CallAsync(FakeAnswer.Of("Well") with { FinishReason = "content_filter" });
        (filtered.Fault!.Code, filtered.Truncated).Should().Be((ErrorCode.ContentFiltered, false));

        (await CallAsync(new FakeAnswer { FinishReason = "length" }))
            .Fault!.Message.Should()
            .Contain("Raise the profile's or the step's “max tokens”");

        var odd = await CallAsync(FakeAnswer.Of("Hm") with { FinishReason = "gone_fishing" });
        (odd.Fault, odd.Truncated, odd.FinishReason).Should().Be((null, false, "gone_fishing"), "after text any word proves the end");
        (await CallAsync(new FakeAnswer { FinishReason = "gone_fishing" }))
            .Fault!.Should()
            .Match<ModelFault>(fault => fault.Code == ErrorCode.IncompleteStream && fault.Message.Contains("“gone_fishing”"));
    }

    [Fact]
    public async Task NoFirstToken_TimesOutAndHangsUp()
    {
        var reply = await CallAsync(new FakeAnswer { Ending = FakeEnding.Stall }, p => p.Limits.FirstTokenSeconds = 1);

        reply.Fault!.Code.Should().Be(ErrorCode.Timeout);
        reply.Fault.Message.Should().StartWith("Timed out after 1 s waiting for the first token");
        await _server.WaitAsync(s => s.Aborted == 1, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Stall_TimesOutAfterTheIdleLimit()
    {
        var reply = await CallAsync(FakeAnswer.Of("Half an") with { Ending = FakeEnding.Stall }, p => p.Limits.IdleSeconds = 1);

        reply.Fault!.Code.Should().Be(ErrorCode.Timeout);
        reply.Fault.Message.Should().StartWith("Timed out after 1 s waiting for the next token");
        reply.Text.Should().Be("Half an");
        await _server.WaitAsync(s => s.Aborted == 1, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task SteadyStreamLongerThanTheIdleLimit_IsNotCut()
    {
        var reply = await CallAsync(
            FakeAnswer.OfTokens(30, TimeSpan.FromMilliseconds(60)),
            p => p.Limits = new ModelLimits { FirstTokenSeconds = 1, IdleSeconds = 1 }
        );

        reply.Fault.Should().BeNull();
        reply.Text.Should().EndWith("w29");
    }

    [Fact]
    public async Task TotalTime_IsTheShorterOfProfileAndRequest()
    {
        var reply = await CallAsync(FakeAnswer.OfTokens(10_000, TimeSpan.FromMilliseconds(20)), timeout: TimeSpan.FromMilliseconds(700));

        reply.Fault!.Code.Should().Be(ErrorCode.Timeout);
        reply.Fault.Message.Should().StartWith("The call timed out after 0.7 s");
        reply.Text.Should().StartWith("w0 w1");
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/v1", "refused the connection")]
    [InlineData("https://no-such-host.invalid/v1", "could not be resolved (DNS)")]
    public async Task NobodyThere_IsUnreachable(string endpoint, string message)
    {
        var (reply, _) = await _host.CallAsync(await _host.AddProfileAsync(endpoint));

        reply.Fault!.Code.Should().Be(ErrorCode.Unreachable);
        reply.Fault.Message.Should().Contain(message);
    }

    [Fact]
    public async Task TlsToAServerWithoutIt_IsUnreachable()
    {
        var (reply, _) = await _host.CallAsync(
            await _host.AddProfileAsync(_server.Endpoint.Replace("http:", "https:", StringComparison.Ordinal))
        );

        reply.Fault!.Code.Should().Be(ErrorCode.Unreachable);
        reply.Fault.Message.Should().Contain("(TLS)");
    }

    [Fact]
    public async Task KeyQuotedByTheProvider_IsNotRepeated()
    {
        var fault = (
            await CallAsync(
                FakeAnswer.Error(401, $"Incorrect API key provided: {Key}. Or sk-proj-*******321. {new string('x', 5000)}"),
                p => p.ApiKey = _host.Get<ModelKeys>().Encrypt(Key)
            )
        ).Fault!;

        fault.Message.Should().Contain("Incorrect API key provided: [key]").And.NotContain("canary").And.NotContain("sk-");
        fault.Message.Length.Should().BeLessThan(450);
    }

    [Fact]
    public async Task KeyFromALostKeyRing_AsksForItAgain()
    {
        var fault = (await CallAsync(FakeAnswer.Of("x"), p => p.ApiKey = "not a protected text")).Fault!;

        fault.Code.Should().Be(ErrorCode.Auth);
        fault.Message.Should().Contain("Enter the key again");
    }

    private async Task<ModelReply> CallAsync(FakeAnswer answer, Action<ModelProfile>? change = null, TimeSpan? timeout = null)
    {
        _server.Default = answer;
        return (await _host.CallAsync(await _host.AddProfileAsync(_server.Endpoint, change: change), timeout: timeout)).Reply;
    }
}

using System.Text;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using PromptPilot.Core.Users;
using PromptPilot.Core.Users.TwoFactor;
using PromptPilot.Tests.Support;

namespace PromptPilot.Tests.Integration.Users;

/// <summary>A portal whose clock goes on only when a test says so: a code counts once in its half minute.</summary>
public sealed class TwoFactorPortal : SharedPortal
{
    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow);

    protected override Action<IServiceCollection> Services => services => services.AddSingleton<TimeProvider>(Time);
}

/// <summary>The second factor over real HTTP, attacked.</summary>
public sealed class TwoFactorTests(TwoFactorPortal shared) : IClassFixture<TwoFactorPortal>, IAsyncLifetime
{
    private readonly FakeTimeProvider _time = shared.Time;
    private readonly PortalHost _portal = shared.Host;
    private TestPerson _ann = null!;
    private byte[] _key = [];
    private IReadOnlyList<string> _codes = [];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _ann = await _portal.AddPersonAsync(Role.Architect);
        var service = _portal.Get<TwoFactorService>();
        (await service.OfferAsync(_ann.Actor, Cancellation)).IsOk.Should().BeTrue();
        _key = await KeyAsync();
        (await service.ConfirmAsync(_ann.Actor, "000000x", Cancellation)).IsOk.Should().BeFalse();
        _codes = (await service.ConfirmAsync(_ann.Actor, Code(), Cancellation)).Value;
        _time.Advance(TimeSpan.FromSeconds(30));
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Password_Alone_LetsNobodyIn()
    {
        using var client = new CookieClient(_portal);

        (await client.SignInAsync(_ann)).Should().Be("/account/second-factor");

        (await client.IsInAsync()).Should().BeFalse();
        (await client.GiveCodeAsync(Code())).Should().Be("/");
        (await client.IsInAsync()).Should().BeTrue();
    }

    [Fact]
    public async Task Code_SentTwentyTimesInParallel_CountsOnce()
    {
        var clients = Enumerable.Range(0, 5).Select(_ => new CookieClient(_portal)).ToList();
        foreach (var client in clients)
        {
            await client.SignInAsync(_ann);
        }

        var code = Code();
        var results = await Task.WhenAll(clients.Select(client => client.GiveCodeAsync(code)));

        results.Count(path => path == "/").Should().Be(1);
        clients.ForEach(client => client.Dispose());
    }

    [Fact]
    public async Task RecoveryCode_CountsOnce()
    {
        using var first = new CookieClient(_portal);
        using var second = new CookieClient(_portal);
        await first.SignInAsync(_ann);
        await second.SignInAsync(_ann);

        (await first.GiveCodeAsync(_codes[3].ToLowerInvariant())).Should().Be("/");
        (await second.GiveCodeAsync(_codes[3])).Should().BeNull();
        (await _portal.Get<TwoFactorService>().FindAsync(_ann.Actor, Cancellation)).Value.RecoveryCodesLeft.Should().Be(9);
    }

    [Fact]
    public async Task WrongCodes_CloseTheAccount_AlsoForTheRightOne()
    {
        using var client = new CookieClient(_portal);
        await client.SignInAsync(_ann);
        for (var i = 0; i < 5; i++)
        {
            (await client.GiveCodeAsync("abcdef")).Should().BeNull();
        }

        using var other = new CookieClient(_portal);
        (await other.SignInAsync(_ann)).Should().BeNull("the account is closed for five minutes");
        (await client.GetAsync("/account/second-factor")).Dispose();
        (await client.GiveCodeAsync(Code())).Should().BeNull();
    }

    [Fact]
    public async Task SecondStep_WithoutTheFirst_IsRefused()
    {
        using var client = new CookieClient(_portal);
        using var page = await client.GetAsync("/account/second-factor");
        (await page.Content.ReadAsStringAsync(Cancellation))
            .Should()
            .Contain("Start by signing in with your password")
            .And.NotContain("name=\"Form.Code\"");
    }

    [Fact]
    public async Task Half_BeforeAPasswordChange_CountsNoMore()
    {
        using var client = new CookieClient(_portal);
        await client.SignInAsync(_ann);
        await _portal.Get<UserService>().ResetPasswordAsync((await _portal.GetAdminAsync()).Actor, _ann.Id, Cancellation);

        (await client.GiveCodeAsync(Code())).Should().BeNull();
    }

    [Fact]
    public async Task SwitchOff_NeedsThePassword()
    {
        var service = _portal.Get<TwoFactorService>();

        (await service.SwitchOffAsync(_ann.Actor, "not the password", Cancellation)).IsOk.Should().BeFalse();
        (await service.SwitchOffAsync(_ann.KeyActor, _ann.Password, Cancellation)).IsOk.Should().BeFalse("a key is no person");
        (await service.SwitchOffAsync(_ann.Actor, _ann.Password, Cancellation)).IsOk.Should().BeTrue();

        using var client = new CookieClient(_portal);
        (await client.SignInAsync(_ann)).Should().Be("/");
    }

    [Fact]
    public async Task KeyAndCodes_AreNotInTheDatabaseInPlainText()
    {
        byte[][] secrets =
        [
            _key,
            Encoding.ASCII.GetBytes(Totp.ToBase32(_key)),
            Encoding.ASCII.GetBytes(_codes[0]),
            Encoding.ASCII.GetBytes(Convert.ToBase64String(_key)),
        ];
        foreach (var file in Directory.GetFiles(_portal.DataDirectory, "promptpilot.db*"))
        {
            await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var copy = new MemoryStream();
            await stream.CopyToAsync(copy, Cancellation);
            var bytes = copy.ToArray();
            Array.FindIndex(secrets, secret => bytes.AsSpan().IndexOf(secret) >= 0).Should().Be(-1, file);
        }
    }

    private string Code() => Totp.CodeAt(_key, Totp.StepAt(_time.GetUtcNow()));

    private async Task<byte[]> KeyAsync()
    {
        await using var db = await _portal.Contexts.CreateDbContextAsync(Cancellation);
        var stored = await db.Users.Where(u => u.Id == _ann.Id).Select(u => u.TotpKey).SingleAsync(Cancellation);
        return _portal.Get<TotpKeys>().Unprotect(stored!);
    }
}

using System.Text.RegularExpressions;

namespace PromptPilot.Tests.Support;

/// <summary>A browser without scripts: keeps cookies, fills in the plain forms of the portal, follows no redirect.</summary>
public sealed partial class CookieClient(PortalHost portal) : IDisposable
{
    private readonly HttpClient _client = portal.CreateClient();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public Task<HttpResponseMessage> GetAsync(string path) => _client.GetAsync(new Uri(path, UriKind.Relative), Cancellation);

    /// <summary>Whether pages open: somebody is signed in.</summary>
    public async Task<bool> IsInAsync()
    {
        using var answer = await GetAsync("/prompts");
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Opens the page and sends its form, with the token that is in it.</summary>
    public async Task<HttpResponseMessage> PostAsync(string path, string form, params (string Name, string Value)[] fields)
    {
        var token = await TokenAsync(path);
        return await SendAsync(
            path,
            [("_handler", form), ("__RequestVerificationToken", token), .. fields.Select(field => ($"Form.{field.Name}", field.Value))]
        );
    }

    /// <summary>The token in the forms of a page.</summary>
    public async Task<string> TokenAsync(string path) =>
        Token().Match(await _client.GetStringAsync(new Uri(path, UriKind.Relative), Cancellation)).Groups[1].Value;

    /// <summary>Sends a request of any kind with the cookies.</summary>
    public Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request,
        HttpCompletionOption option,
        CancellationToken cancellationToken
    ) => _client.SendAsync(request, option, cancellationToken);

    /// <summary>Sends fields as they are, as from a page that was opened before.</summary>
    public async Task<HttpResponseMessage> SendAsync(string path, params (string Name, string Value)[] fields)
    {
        using var content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        return await _client.PostAsync(new Uri(path, UriKind.Relative), content, Cancellation);
    }

    /// <returns>Where the portal leads to; null when it says no.</returns>
    public async Task<string?> SignInAsync(string email, string password)
    {
        using var answer = await PostAsync("/account/sign-in", "sign-in", ("Email", email), ("Password", password));
        return Path(answer);
    }

    public Task<string?> SignInAsync(TestPerson person) => SignInAsync(person.Email, person.Password);

    /// <inheritdoc cref="SignInAsync(string, string)"/>
    public async Task<string?> GiveCodeAsync(string code)
    {
        using var answer = await PostAsync("/account/second-factor", "second-factor", ("Code", code));
        return Path(answer);
    }

    public void Dispose() => _client.Dispose();

    private string? Path(HttpResponseMessage answer) =>
        answer.Headers.Location is { } to ? new Uri(_client.BaseAddress!, to).AbsolutePath : null;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

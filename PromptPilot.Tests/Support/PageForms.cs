using System.Text.RegularExpressions;

namespace PromptPilot.Tests.Support;

/// <summary>Posts the forms of plain pages, as a browser without scripts does.</summary>
internal static partial class PageForms
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static async Task<HttpResponseMessage> SignInAsync(HttpClient client, string email, string password, string returnUrl = "/")
    {
        var path = new Uri($"/account/sign-in?returnUrl={Uri.EscapeDataString(returnUrl)}", UriKind.Relative);
        using var form = new FormUrlEncodedContent(
            new Dictionary<string, string>
            {
                ["_handler"] = "sign-in",
                ["__RequestVerificationToken"] = await TokenAsync(client, path),
                ["Form.Email"] = email,
                ["Form.Password"] = password,
            }
        );
        return await client.PostAsync(path, form, Cancellation);
    }

    /// <summary>The antiforgery token of a page's form.</summary>
    public static async Task<string> TokenAsync(HttpClient client, Uri page) =>
        Field().Match(await client.GetStringAsync(page, Cancellation)).Groups[1].Value;

    [GeneratedRegex("name=\"__RequestVerificationToken\" value=\"([^\"]+)\"")]
    private static partial Regex Field();
}

using System.Net;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>The title and text of error pages, by status code.</summary>
internal sealed record StatusText(string Title, string Sentence)
{
    /// <param name="isForm">Whether a form was sent, so that nothing came of it.</param>
    public static StatusText Of(int status, bool isForm) =>
        (HttpStatusCode)status switch
        {
            HttpStatusCode.BadRequest when isForm => new(
                "This form has expired",
                "Nothing was changed. You may have signed in or out in another tab, or already sent this form. Open the page "
                    + "again and try once more."
            ),
            HttpStatusCode.BadRequest => new("This address is invalid", "Check the address, or go to the home page."),
            HttpStatusCode.Unauthorized => new("You are signed out", "Nothing was changed. Sign in, then try again."),
            HttpStatusCode.Forbidden => new("You do not have access", "Ask an admin if you need it."),
            HttpStatusCode.MethodNotAllowed => new("This page cannot be used that way", "Open it from the menu."),
            HttpStatusCode.RequestTimeout => new("This took too long", "The request did not arrive in time. Try again."),
            HttpStatusCode.RequestEntityTooLarge => new("The request is too large", "Reduce its size, then try again."),
            HttpStatusCode.UnsupportedMediaType => new("This page cannot be used that way", "Open it from the menu."),
            HttpStatusCode.InternalServerError => new("Something went wrong", "It has been logged. Try again in a moment."),
            HttpStatusCode.ServiceUnavailable => new("Not available right now", "Try again in a moment."),
            _ => new("Page not found", "It may have been moved or deleted."),
        };
}

using System.Net;

namespace PromptPilot.Web.Features.Account.SignIn;

/// <summary>What a page says in place of one that could not be shown, by the status of the answer.</summary>
internal sealed record StatusText(string Title, string Sentence)
{
    /// <param name="isForm">Whether a form was sent, so that nothing came of it.</param>
    public static StatusText Of(int status, bool isForm) =>
        (HttpStatusCode)status switch
        {
            HttpStatusCode.BadRequest when isForm => new(
                "This form is no longer valid",
                "Nothing was changed. You may have signed in or out in another tab, or sent the form before. Open the page again and repeat it."
            ),
            HttpStatusCode.BadRequest => new("This address cannot be read", "Check the address, or go to Home."),
            HttpStatusCode.Unauthorized => new("You are signed out", "Nothing was changed. Sign in, then try again."),
            HttpStatusCode.Forbidden => new("You may not do this", "Ask an admin if you need to."),
            HttpStatusCode.MethodNotAllowed => new("This page cannot be used like that", "Open it from the menu."),
            HttpStatusCode.RequestTimeout => new("This took too long", "The request did not arrive in time. Try again."),
            HttpStatusCode.RequestEntityTooLarge => new("This is too large", "Send less at once."),
            HttpStatusCode.UnsupportedMediaType => new("This page cannot be used like that", "Open it from the menu."),
            HttpStatusCode.InternalServerError => new("Something went wrong", "It has been logged. Try again in a moment."),
            HttpStatusCode.ServiceUnavailable => new("Not available at the moment", "Try again in a moment."),
            _ => new("There is no such page", "It may have been moved or deleted."),
        };
}

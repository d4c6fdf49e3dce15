using PromptPilot.Core.Shared;
using PromptPilot.Core.Shared.Network;
using PromptPilot.Core.Users;
using PromptPilot.Web.Api;
using PromptPilot.Web.Api.Bodies;
using PromptPilot.Web.Hosting;
using PromptPilot.Web.Hosting.Requests;

namespace PromptPilot.Web.Features.Users;

/// <summary>The HTTP surface of the feature, under <c>/api/v1</c>: for admins.</summary>
internal static class UsersEndpoints
{
    public static IEndpointRouteBuilder MapUsers(this IEndpointRouteBuilder api)
    {
        var users = api.MapGroup("/users").WithTags("Users");
        users.MapGet("/", ListAsync).WithSummary("List users by name").Produces<Page<UserItem>>();
        users
            .MapPost("/", CreateAsync)
            .WithSummary("Create a user and a link to set a password. The link is e-mailed if a mail server is configured")
            .Produces<CreatedUser>(StatusCodes.Status201Created);
        users.MapGet("/{id}", FindAsync).WithSummary("Read a user").Produces<UserItem>();
        users.MapPut("/{id}", UpdateAsync).WithSummary("Change a user's name, role or lock").Produces<UserItem>();
        users
            .MapDelete("/{id}", DeleteAsync)
            .WithSummary(
                "Delete a user with their keys and ratings. Their workflows go to newOwner, or to the caller if it is omitted. "
                    + "eraseTexts=true also deletes the test cases that they made, the batches that they started, and their corrected "
                    + "outputs wherever they are kept"
            )
            .Produces(StatusCodes.Status204NoContent);
        return api;
    }

    private static async Task<IResult> ListAsync(
        HttpContext http,
        UserService service,
        CancellationToken cancellationToken,
        string? search = null,
        string? role = null,
        string? state = null,
        string? after = null,
        int limit = 50
    )
    {
        var wantedRole = ApiWords.Read<Role>(nameof(role), role);
        var wantedState = ApiWords.Read<UserState>(nameof(state), state);
        if ((wantedRole.Problem ?? wantedState.Problem) is { } problem)
        {
            return ApiResults.From(problem);
        }

        var filter = new UserFilter(search, wantedRole.Value, wantedState.Value);
        return ApiResults.From(await service.ListAsync(http.Actor(), filter, new PageRequest(after, limit), cancellationToken));
    }

    private static async Task<IResult> CreateAsync(
        HttpContext http,
        JsonBody<NewUserBody> body,
        UserService service,
        PortalAddress portal,
        CancellationToken cancellationToken
    )
    {
        var made = await service.CreateAsync(
            http.Actor(),
            new NewUser(body.Value.Email?.Trim() ?? "", body.Value.Name ?? "", body.Value.Role ?? Role.Viewer),
            cancellationToken
        );
        return ApiResults.From(
            made,
            invited =>
            {
                ETags.Set(http, invited.User.Revision);
                var link = invited.Link.Path is { } path ? portal.LinkTo(path, http.Asked()) : null;
                return Results.Created(
                    $"/api/v1/users/{invited.User.Id}",
                    new CreatedUser(invited.User, link, invited.Link.ExpiresAt, invited.Link.Mail)
                );
            }
        );
    }

    private static async Task<IResult> FindAsync(HttpContext http, string id, UserService service, CancellationToken cancellationToken) =>
        WithTag(http, await service.FindAsync(http.Actor(), id, cancellationToken));

    private static async Task<IResult> UpdateAsync(
        HttpContext http,
        string id,
        JsonBody<UserBody> body,
        UserService service,
        CancellationToken cancellationToken
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? WithTag(
                http,
                await service.UpdateAsync(
                    http.Actor(),
                    id,
                    new UserChange(body.Value.Name, body.Value.Role, body.Value.IsLocked),
                    revision.Value,
                    cancellationToken
                )
            )
            : ApiResults.From(revision.Problem);
    }

    private static async Task<IResult> DeleteAsync(
        HttpContext http,
        string id,
        UserService service,
        CancellationToken cancellationToken,
        string? newOwner = null,
        bool eraseTexts = false
    )
    {
        var revision = ETags.IfMatch(http);
        return revision.IsOk
            ? ApiResults.From(
                await service.DeleteAsync(http.Actor(), id, revision.Value, cancellationToken, newOwner, eraseTexts),
                _ => Results.NoContent()
            )
            : ApiResults.From(revision.Problem);
    }

    private static IResult WithTag(HttpContext http, Result<UserItem> result) =>
        ApiResults.From(
            result,
            user =>
            {
                ETags.Set(http, user.Revision);
                return Results.Ok(user);
            }
        );

    /// <summary>The body of a POST.</summary>
    internal sealed record NewUserBody(string? Email, string? Name, Role? Role);

    /// <summary>The body of a PUT; what is absent stays.</summary>
    internal sealed record UserBody(string? Name, Role? Role, bool? IsLocked);

    /// <summary>
    /// The answer to a POST: the person, and once the link with which they set their password, unless it went to them by mail.
    /// </summary>
    internal sealed record CreatedUser(UserItem User, string? PasswordLink, DateTime PasswordLinkExpiresAt, LinkMail? Mail)
    {
        public string Id => User.Id;
    }
}

namespace PromptPilot.Core.Users.Setup;

/// <summary>Called once, when the first admin of an installation was created; creates the sample workspace.</summary>
public interface IFirstAdminListener
{
    Task OnFirstAdminAsync(Actor admin, CancellationToken cancellationToken);
}

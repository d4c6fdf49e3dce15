namespace PromptPilot.Core.Users.Setup;

/// <summary>Is told once, when the first admin of an installation was made; the sample workspace is made here.</summary>
public interface IFirstAdminListener
{
    Task OnFirstAdminAsync(Actor admin, CancellationToken cancellationToken);
}

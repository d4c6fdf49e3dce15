namespace PromptPilot.Web.Features.Users;

/// <summary>What an admin may choose in the menu of a person.</summary>
public enum UserAction
{
    Link,
    ForcePassword,
    EndSessions,
    RemoveSecondFactor,
    Lock,
    Delete,
}

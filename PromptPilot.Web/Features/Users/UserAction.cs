namespace PromptPilot.Web.Features.Users;

/// <summary>The actions in the menu of a user.</summary>
public enum UserAction
{
    Link,
    ForcePassword,
    EndSessions,
    RemoveSecondFactor,
    Lock,
    Delete,
}

using System.Security.Cryptography;

namespace PromptPilot.Core.Users.SignIn;

/// <summary>A new stamp ends a person's sessions, open pages and password links.</summary>
internal static class SecurityStamps
{
    public static void Rotate(User user)
    {
        user.SecurityStamp = Convert.ToHexString(RandomNumberGenerator.GetBytes(20));
        user.ConcurrencyStamp = Guid.NewGuid().ToString();
    }
}
